"""A folder of uploads and results for this process alone, deleted when it ends.

Gradio's own is shared by all its apps, and what a process leaves there when it is killed stays for
good. Here each process has a subfolder and holds a lock on it for as long as it lives, so that the
next one can tell which subfolders nobody uses any more.
"""

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from page.server import event_log
from page.server.patches.gradio_patches import upload_folder

try:
    import fcntl
except ImportError:  # Windows: no way to tell, so nothing of other processes is deleted
    fcntl: Any = None

PREFIX = "page-"
OWN = PREFIX + 16 * "[0-9a-f]"  # earlier versions locked a file beside one with a shorter name
EMPTY_S = 600  # a folder is empty for a moment before its file arrives
_locks: list[int] = []  # file descriptors; the OS releases them however the process ends


def claim() -> None:
    """Make the folder, for Gradio to use. Call it before any Blocks are built."""
    parent, name = upload_folder(), secrets.token_hex(8)
    new, folder = parent / f"new-{name}", parent / (PREFIX + name)
    try:
        new.mkdir(mode=0o700, parents=True)
        if fcntl:
            _delete_abandoned(parent)
            _locks.append(_locked(new))
        new.rename(folder)  # which others see once it is locked
    except OSError as error:  # read-only or full: the page can still show what needs no files
        event_log.write("no_temporary_folder", errno=error.errno)
    else:
        os.environ["GRADIO_TEMP_DIR"] = str(folder)


def delete_empty_folders() -> None:
    """Gradio makes a folder for each upload and deletes only the file."""
    for folder in upload_folder().glob("*/"):
        with suppress(OSError):  # not empty
            if time.time() - folder.stat().st_mtime > EMPTY_S:
                folder.rmdir()


def delete() -> None:
    """Delete this process's folder."""
    if (folder := upload_folder()).name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def _delete_abandoned(parent: Path) -> None:
    for folder in parent.glob(OWN):
        with suppress(OSError):  # in use, or just deleted by another process
            descriptor = _locked(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)
            event_log.write("abandoned_files_deleted", folder=folder.name)


def _locked(folder: Path) -> int:
    """A descriptor that holds the lock. OSError if another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
