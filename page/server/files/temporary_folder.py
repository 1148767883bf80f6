"""A folder of uploads and results for this process alone, deleted when it ends.

Gradio's own is shared by all its apps, and what a process leaves there when it is killed stays for
good. Here each process has a subfolder and holds a lock on a file beside it for as long as it
lives, so that the next one can tell which subfolders nobody uses any more.
"""

from __future__ import annotations

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

PREFIX, LOCK = "page-", ".lock"
EMPTY_S = 600  # a folder is empty for a moment before its file arrives
_locks: list[int] = []  # file descriptors; the OS releases them however the process ends


def claim() -> None:
    """Make the folder, for Gradio to use. Call it before any Blocks are built."""
    parent = upload_folder()
    folder = parent / (PREFIX + secrets.token_hex(6))
    try:
        parent.mkdir(parents=True, exist_ok=True)
        if fcntl:
            _delete_abandoned(parent)
            _locks.append(_locked(folder.with_name(folder.name + LOCK)))
        folder.mkdir(mode=0o700)
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
    """Delete this process's folder and its lock."""
    folder = upload_folder()
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_name(folder.name + LOCK).unlink(missing_ok=True)


def _delete_abandoned(parent: Path) -> None:
    for lock in parent.glob(f"{PREFIX}*{LOCK}"):
        with suppress(OSError):  # in use, or just deleted by another process
            descriptor = _locked(lock)
            try:
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink()
            finally:
                os.close(descriptor)
            event_log.write("abandoned_files_deleted", folder=lock.stem)


def _locked(path: Path) -> int:
    """A descriptor that holds the lock. OSError if another process holds it."""
    # not open for writing: that would keep an administrator from remounting the disk read-only
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
