"""Where the files of models are, and how one is written."""

import hashlib
import os
import secrets
from pathlib import Path

from ddpm import hub
from ddpm.hub import MODEL as MODEL  # its name in the folder of a run too
from ddpm.hub import PIPELINE as PIPELINE

_PACKAGED = Path(__file__).parent / "checkpoints"  # where an installed package keeps them
SHIPPED = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "checkpoints"
FILES = {".safetensors", ".pt", ".pth", ".ckpt", ".bin"}  # suffixes that no model on the Hub has
MEASURES = {"classifier", "emoji_classifier", "encoders"}  # shipped too, but no models
UNFINISHED = ".part"  # suffix of a file that is still being written


class CheckpointError(ValueError):
    """A file that is not a usable checkpoint; the message names it and says what is wrong."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, whatever happens: a temporary file, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the folder holds the rename, and must reach the disk as well
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def find_checkpoint(path_or_name: str | Path, revision: str | None = None) -> Path:
    """The file that `load_parts` reads for this path, shipped name or Hub id; of one on the Hub,
    this branch, tag or commit."""
    if not isinstance(path_or_name, str | os.PathLike):
        raise CheckpointError(f"a checkpoint is a path or a name, not {path_or_name!r:.80}")
    name = str(path_or_name)
    if (path := Path(path_or_name)).is_file():
        return path
    for file in (MODEL, PIPELINE):  # the folder of a run, or of a pipeline of diffusers
        if (path / file).is_file():
            return path / file
    if (shipped := SHIPPED / f"{name}.safetensors").is_file():
        return shipped
    if path.is_dir() and name:
        raise CheckpointError(f"{name}: there is no such checkpoint file, and no {MODEL} in it")
    is_id = name.count("/") == 1 and path.suffix not in FILES
    if is_id and not name.startswith((".", "~", "/")):
        try:
            return hub.download(name, revision)
        except hub.HubError as error:
            raise CheckpointError(f"{name}: there is no such file; {error}") from error
    shipped = {file.stem for file in SHIPPED.glob("*.safetensors")} - MEASURES
    names = ", ".join(sorted(shipped))
    raise CheckpointError(
        f"{name}: there is no such checkpoint file. A shipped checkpoint is one of {names}, and "
        "one on the Hugging Face Hub is named owner/name"
    )


def fingerprint(file: Path) -> str:
    """Of a checkpoint: 16 hexadecimal digits, the same for the same bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
