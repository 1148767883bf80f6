"""Files for visitors to download, in the folder that Gradio serves, limited per visit and in total.

Gradio deletes them within the hour anyway: see FILES_KEPT_S in page/layout.py. A folder that
several servers share (`DDPM_RESULTS`) has trained models for as long, and the newest state of each
training at work, so that another server can go on with them when the one that had them has ended.
"""

import re
import secrets
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import gradio as gr

from ddpm.checkpoint import UNFINISHED
from page.server.limits import LIMITS
from page.server.patches.gradio_patches import upload_folder
from page.server.visitors.ledger import Ledger
from page.server.visitors.shares import address_of

KEPT = 4  # results per visit and kind: a program may fetch one while requesting the next
MAX_BYTES = 512_000_000  # films and figures of all visits: a hundred who draw have two each
MODELS = "*-ddpm-*.safetensors*"  # in a permanent or shared folder, unfinished ones too
SHARED = re.compile(r"[0-9a-f]{32}-ddpm-[^/\\\0]+\.safetensors")
SHARED_S = 3600
_delete = partial(shutil.rmtree, ignore_errors=True)


class ResultStore:
    """The results of all visits. What took long to make, models and pictures to train on, doesn't
    make room for films, nor for what took a moment."""

    def __init__(self, most: int = MAX_BYTES, models: int = LIMITS.models_bytes):
        trained, others = (Ledger(size, _delete, of_owner=KEPT) for size in (models, most))
        self._of = defaultdict(lambda: others, train=trained, kept=trained)
        self._of["stopped"] = Ledger(models, _delete, of_owner=1)  # four times its model
        self._of["pictures"] = Ledger(LIMITS.pictures_bytes, _delete, of_owner=KEPT)

    @contextmanager
    def folder(self, kind: str, request: gr.Request, work: float = 0.0) -> Iterator[Path]:
        """Create a folder for one result's files, which took `work` seconds to make, deleting
        other results if room is needed."""
        new = upload_folder() / secrets.token_hex(16)  # whoever knows a path may have the file
        new.mkdir(mode=0o700, parents=True)
        try:
            yield new
        except BaseException:
            shutil.rmtree(new)
            raise
        size = sum(path.stat().st_size for path in new.iterdir())
        self._of[kind].add(address_of(request), (kind, request.session_hash), new, size, work=work)

    def _folders(self, kind: str) -> list[Path]:
        return [folder for folder, owner in self._of[kind].items() if owner[0] == kind]

    def holds(self, kind: str, path: str) -> bool:
        """Whether this is a result's file, still there: a visitor may send any path."""
        return Path(path).parent in self._folders(kind) and Path(path).is_file()

    def remove(self, kind: str, path: str) -> None:
        self._of[kind].remove(Path(path).parent)

    def rescue(self, kind: str, into: Path) -> int:
        """Copy all files of a kind to a permanent folder. Returns how many were copied."""
        folders = [folder for folder in self._folders(kind) if folder.exists()]
        files = [file for folder in folders for file in folder.iterdir()]
        for file in files:
            _copy(file, into / _name(file))
        return len(files)


def _name(file: Path) -> str:
    """A result's name in a folder with those of others: nobody can guess it."""
    return f"{file.parent.name}-{file.name}"


def _copy(file: Path, whole: Path) -> None:
    """Another process sees the whole copy or none."""
    whole.parent.mkdir(parents=True, exist_ok=True)
    part = whole.with_name(whole.name + UNFINISHED)
    shutil.copyfile(file, part)
    part.replace(whole)


def share(model: Path, path: Path | None = None) -> bool:
    """Copy a trained model to where the other servers find it, by its own path or by this one.
    False if they share nothing. Raises OSError."""
    if LIMITS.results:
        _copy(model, Path(LIMITS.results) / _name(path or model))
    return bool(LIMITS.results)


def unshare(path: Path) -> None:
    """Delete what was shared by this path, if anything was."""
    if LIMITS.results:
        with suppress(OSError):  # it goes within the hour
            (Path(LIMITS.results) / _name(path)).unlink(missing_ok=True)


def shared(path: str) -> Path | None:
    """The copy of a model that a server trained and called `path`, if it still exists. A visitor
    may send any path: only its last two names count, and these must be a model's."""
    name = _name(Path(path))
    if not LIMITS.results or not SHARED.fullmatch(name):
        return None
    copy = Path(LIMITS.results) / name
    return copy if copy.is_file() else None


def tidy_shared() -> None:
    """Delete what has been shared for an hour, and the oldest if it is too much. Each server does
    it, for all."""
    if LIMITS.results:
        kept = LIMITS.kept_models, LIMITS.kept_bytes
        delete_oldest(Path(LIMITS.results), *kept, since=time.time() - SHARED_S)


def delete_oldest(folder: Path, count: int, size: int, since: float = 0.0) -> None:
    """Delete the oldest trained models of a folder until there are at most `count`, at most `size`
    bytes of them, and none from before `since`. Files of other names are not touched."""
    found = []
    for path in folder.glob(MODELS):
        with suppress(OSError):  # another server has just deleted it
            found.append((path.stat(), path))
    found.sort(key=lambda each: each[0].st_mtime, reverse=True)
    total = 0
    for k, (stat, path) in enumerate(found):
        total += stat.st_size
        if k >= count or total > size or stat.st_mtime < since:
            path.unlink(missing_ok=True)


STORE = ResultStore()
