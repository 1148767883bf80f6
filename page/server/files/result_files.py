"""Files for visitors to download, in the folder that Gradio serves, limited per visit and in total.

Gradio deletes them within the hour anyway: see FILES_KEPT_S in page/layout.py. A folder that
several servers share (`DDPM_RESULTS`) has trained models for as long, so that another server can go
on with them when the one that trained them has ended.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from ddpm.checkpoint import UNFINISHED
from page.server.limits import LIMITS
from page.server.patches.gradio_patches import upload_folder

KEPT = 4  # results per visit and kind: a program may fetch one while requesting the next
MAX_BYTES = 128_000_000  # for all visits together: 44 trained models of 2.9 MB
MODELS = "*-ddpm-*.safetensors*"  # in a permanent or shared folder, unfinished ones too
SHARED = re.compile(r"[0-9a-f]{32}-ddpm-[^/\\\0]+\.safetensors")
SHARED_S = 3600


@dataclass(frozen=True)
class _Result:
    kind: str
    visit: str | None
    folder: Path
    size: int


class ResultStore:
    """The results of all visits, oldest first."""

    def __init__(self, kept: int = KEPT):
        """`kept`: how many of a visit and kind."""
        self._most = kept
        self._kept: list[_Result] = []
        self._lock = threading.Lock()

    @contextmanager
    def folder(self, kind: str, request: gr.Request) -> Iterator[Path]:
        """Create a folder for one result's files, deleting older results if room is needed."""
        cache = upload_folder()
        cache.mkdir(parents=True, exist_ok=True)
        new = cache / secrets.token_hex(16)  # whoever knows a path may have the file
        new.mkdir(mode=0o700)
        try:
            yield new
        except BaseException:
            shutil.rmtree(new)
            raise
        size = sum(path.stat().st_size for path in new.iterdir())
        for old in self._make_room(_Result(kind, request.session_hash, new, size)):
            shutil.rmtree(old.folder, ignore_errors=True)

    def _make_room(self, new: _Result) -> list[_Result]:
        """Register a result and return those to delete: the oldest of its kind and visit beyond
        what is kept of them, then, while over `MAX_BYTES`, the oldest of the visit with the most
        bytes.
        """
        with self._lock:
            alike = [old for old in self._kept if (old.kind, old.visit) == (new.kind, new.visit)]
            gone = alike[: max(0, len(alike) + 1 - self._most)]
            kept = [old for old in self._kept if old not in gone]
            sizes = Counter()
            for each in (*kept, new):
                sizes[each.visit] += each.size
            while sizes.total() > MAX_BYTES:
                ((most, _),) = sizes.most_common(1)
                if (oldest := next((old for old in kept if old.visit == most), None)) is None:
                    break  # nothing but the new result is left of this visit
                kept.remove(oldest)
                gone.append(oldest)
                sizes[most] -= oldest.size
            self._kept = [*kept, new]
        return gone

    def holds(self, kind: str, path: str) -> bool:
        """Whether this is a result's file, still there: a visitor may send any path."""
        with self._lock:
            folders = [each.folder for each in self._kept if each.kind == kind]
        return any(Path(path) in folder.iterdir() for folder in folders if folder.exists())

    def rescue(self, kind: str, into: Path) -> int:
        """Copy all files of a kind to a permanent folder. Returns how many were copied."""
        with self._lock:
            folders = [each.folder for each in self._kept if each.kind == kind]
        files = [file for folder in folders if folder.exists() for file in folder.iterdir()]
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


def share(model: Path) -> None:
    """Copy a trained model to where the other servers find it. Raises OSError."""
    if LIMITS.results:
        _copy(model, Path(LIMITS.results) / _name(model))


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
    if not LIMITS.results:
        return
    folder = Path(LIMITS.results)
    for path in folder.glob(MODELS):
        with suppress(OSError):  # another server was first
            if time.time() - path.stat().st_mtime > SHARED_S:
                path.unlink()
    delete_oldest(folder, LIMITS.kept_models, LIMITS.kept_bytes)


def delete_oldest(folder: Path, count: int, size: int) -> None:
    """Delete the oldest trained models of a folder until there are at most `count`, and at most
    `size` bytes of them. Files of other names are not touched."""
    found = []
    for path in folder.glob(MODELS):
        with suppress(OSError):  # another server has just deleted it
            found.append((path.stat(), path))
    found.sort(key=lambda each: each[0].st_mtime, reverse=True)
    total = 0
    for k, (stat, path) in enumerate(found):
        total += stat.st_size
        if k >= count or total > size:
            path.unlink(missing_ok=True)


STORE = ResultStore()
