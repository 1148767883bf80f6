"""Can the page still write its files? And what a visitor reads if it can't."""

import errno
import shutil
import tempfile
from pathlib import Path

from page.server.limits import LIMITS

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def fault(folder: Path) -> str | None:
    """Text key of what is wrong with the disk under a folder; None if files can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:  # also if only inodes or a quota ran out
            file.write(bytes(4096))
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return key_of(error)
    return "disk_full" if free < LIMITS.free_bytes else None


def key_of(error: OSError) -> str:
    """Text key of what a visitor may read: the error's own words name the server's folders."""
    if error.errno in FULL:
        return "disk_full"
    return "disk_read_only" if error.errno in READ_ONLY else "disk_failed"
