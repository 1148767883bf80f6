"""Pictures in a zip, as if each had been chosen by itself."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from page.server.limits import LIMITS
from page.texts import Refusal

MAX_ENTRIES, MAX_BYTES = 5000, 200_000_000  # of a zip, unpacked
RECORD = 22  # bytes of the end record
END, ENTRY = RECORD + 65_535, 600  # with its comment; of one entry, at most
# Of others, zipfile unpacks all that is there, whatever it is asked for
KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
HIDDEN = ("__MACOSX/", ".")  # what systems add to a folder's pictures
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


def names(path: Path) -> list[str]:
    """The files in a zip. Raises Refusal; its head says how large they are, and `unpacked`
    doesn't believe it."""
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            found = [info for info in archive.infolist() if not _is_hidden(info)]
    except DAMAGED as error:
        raise Refusal("train_zip_damaged") from error
    if any(info.compress_type not in KINDS for info in found):
        raise Refusal("train_zip_damaged")
    if len(found) > MAX_ENTRIES or sum(info.file_size for info in found) > MAX_BYTES:
        raise too_large()
    return [info.filename for info in found]


def unpacked(path: Path, folder: Path) -> Iterator[tuple[str, Path | None]]:
    """Each file's name, and where it is until the next one; None if it is damaged. Raises
    Refusal."""
    left = MAX_BYTES
    wanted = names(path)
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(dir=folder) as own:
        file = Path(own) / "picture"
        for name in wanted:
            try:
                with archive.open(name) as packed:
                    data = packed.read(LIMITS.upload_bytes + 1)
            except DAMAGED:
                data = None
            if data is None or len(data) > LIMITS.upload_bytes:
                yield PurePosixPath(name).name, None
                continue
            left -= len(data)
            if left < 0:
                raise too_large()
            file.write_bytes(data)
            yield PurePosixPath(name).name, file


def too_large() -> Refusal:
    return Refusal("train_zip_large", most=MAX_ENTRIES, megabytes=MAX_BYTES // 10**6)


def _check_directory(path: Path) -> None:
    """Before zipfile makes an object of each entry, as many as an upload may list."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END))
        tail = file.read()
    at = tail.rfind(b"PK\5\6", 0, len(tail) - RECORD + 4)  # a shorter one is none to zipfile
    if at < 0:
        raise Refusal("train_zip_damaged")
    is_64 = tail[max(0, at - 20) :].startswith(b"PK\6\7")  # for more than any is taken of
    if is_64 or int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_ENTRIES * ENTRY:
        raise too_large()


def _is_hidden(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename).name
    is_folder = info.filename.endswith("/")  # is_dir() fails for an empty name
    return is_folder or info.filename.startswith(HIDDEN[0]) or name.startswith(HIDDEN[1])
