"""Patches of Gradio's uploads: what arrives is charged to its sender, holds no descriptor while
nothing of it comes, and leaves nothing behind if it ends early.

The rest of what reaches into Gradio is in gradio_patches.py, which says for which version.
"""

import asyncio
import io
import os
import tempfile
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

from gradio import route_utils, routes
from gradio.route_utils import FileUploadProgress, GradioMultiPartParser
from starlette.formparsers import MultiPartException

from ddpm.patching import expect_callable, patch
from page.server.limits import LIMITS
from page.server.refusal import Refused
from page.server.visitors.ledger import FRESH_S, Ledger
from page.server.visitors.shares import address_of
from page.texts import both

# What each file is charged besides its size, for its inode and its folder: an address that may have
# a gigabyte has at most 40,000 of them.
A_FILE = 25_000
FIELD = "files"  # the only one whose files Gradio keeps
PROGRESS_S = 60  # after its end, for the page to read how far an upload is

_upload = routes.upload_fn  # pyright: ignore[reportPrivateImportUsage]
_headers_finished = GradioMultiPartParser.on_headers_finished
_stop_tracking = FileUploadProgress.stop_tracking
_parts: ContextVar[list[str]] = ContextVar("parts")  # files of the upload that arrives


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()  # Gradio makes one for each file; not if another name is in it


def _delete_all(parts: set[str]) -> None:
    for part in parts:
        Path(part).unlink(missing_ok=True)


UPLOADS = Ledger(LIMITS.bytes_of_all, _delete, of_address=LIMITS.bytes_at_address)


def tidy() -> None:
    """Forget files that others have deleted."""
    for path, _ in UPLOADS.items():
        if not path.exists():
            UPLOADS.remove(path)


class _Part(io.BytesIO):
    """A file that is open only while a piece of it is written: an upload has up to a thousand, and
    Gradio would keep them all open until its end. Starlette would hand each piece to a thread,
    which takes longer than to write it."""

    _rolled = False  # for Starlette: written at once, as if it were in memory

    def __init__(self, delete: bool, dir: str):
        super().__init__()
        descriptor, self.name = tempfile.mkstemp(dir=dir)
        os.close(descriptor)
        _parts.get().append(self.name)

    def write(self, data: bytes) -> int:
        with open(self.name, "ab") as file:
            return file.write(data)


expect_callable(tempfile, "mkstemp", "(suffix=None, prefix=None, dir=None, text=False)")
route_utils.NamedTemporaryFile = _Part  # pyright: ignore


@patch(GradioMultiPartParser, "on_headers_finished")
def _files_alone(self: GradioMultiPartParser) -> None:
    """Gradio keeps a form's other fields in memory, other files on disk, and never reads them."""
    _headers_finished(self)
    if self._current_part.file is None or self._current_part.field_name != FIELD:
        raise MultiPartException("An upload has files and no other fields.")


@patch(routes, "upload_fn")
async def _upload_charged(
    request, upload_dir, max_file_size, upload_id, force_move=True, upload_progress=None
):
    """Uploads name no session: the address has them."""
    address = address_of(request)
    _parts.set(parts := [])
    copied = []
    try:
        with UPLOADS.arriving(address, int(request.headers["content-length"])):
            files, copied, locations = await _upload(
                request, upload_dir, max_file_size, upload_id, force_move, upload_progress
            )
    finally:
        if left := set(parts) - set(copied):  # none of an upload that is complete
            await asyncio.to_thread(_delete_all, left)
        if upload_progress and upload_id:
            loop = asyncio.get_running_loop()
            loop.call_later(PROGRESS_S, upload_progress.stop_tracking, upload_id)
    fit = [_charge(address, Path(file)) for file in files]
    if not all(fit):
        raise Refused(429, both("uploads_full"))
    return files, copied, locations


def _charge(address: str, path: Path) -> bool:
    size = A_FILE + (path.stat().st_size if path.exists() else 0)
    return UPLOADS.add(address, None, path, size, fresh_s=FRESH_S)


@patch(FileUploadProgress, "stop_tracking")
def _forget_progress(self: FileUploadProgress, upload_id: str) -> None:
    """Gradio keeps the name of each upload that anyone has asked for, known or not."""
    _stop_tracking(self, upload_id)
    self._signals.pop(upload_id, None)


@patch(FileUploadProgress, "is_tracked")
async def _is_tracked(self: FileUploadProgress, upload_id: str) -> bool:
    try:
        return await self._signals[upload_id].wait()
    finally:
        if upload_id not in self._statuses:
            self._signals.pop(upload_id, None)
