"""Files that visitors download, in the folder that Gradio serves: bounded per visit and in total.

Gradio deletes them within the hour in any case: see FILES_KEPT_S in page/layout.py.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from page.server.gradio_patches import upload_folder

KEPT = 4  # results per visit and kind: a program may fetch one while it asks for the next
MOST_BYTES = 128_000_000  # of all visits together: 44 trained models of 2.9 MB


@dataclass(frozen=True)
class _Result:
    kind: str
    visit: str | None
    folder: Path
    size: int


class Shelf:
    """The results of all visits, oldest first."""

    def __init__(self):
        self._kept: list[_Result] = []
        self._lock = threading.Lock()

    @contextmanager
    def folder(self, kind: str, request: gr.Request) -> Iterator[Path]:
        """A new folder for the files of one result. Older results may be deleted to make room."""
        cache = upload_folder()
        cache.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=cache))
        try:
            yield new
        except BaseException:
            shutil.rmtree(new)
            raise
        size = sum(path.stat().st_size for path in new.iterdir())
        for old in self._make_room(_Result(kind, request.session_hash, new, size)):
            shutil.rmtree(old.folder, ignore_errors=True)

    def _make_room(self, new: _Result) -> list[_Result]:
        """Keep this result. Returns those to delete for it: the oldest of its kind and visit
        beyond `KEPT`, then the oldest of whoever holds the most bytes.
        """
        with self._lock:
            alike = [old for old in self._kept if (old.kind, old.visit) == (new.kind, new.visit)]
            gone = alike[: 1 - KEPT]
            kept = [old for old in self._kept if old not in gone]
            sizes = Counter()
            for each in (*kept, new):
                sizes[each.visit] += each.size
            while sizes.total() > MOST_BYTES:
                ((most, _),) = sizes.most_common(1)
                if (oldest := next((old for old in kept if old.visit == most), None)) is None:
                    break  # this result alone is larger than any other visit's
                kept.remove(oldest)
                gone.append(oldest)
                sizes[most] -= oldest.size
            self._kept = [*kept, new]
        return gone

    def rescue(self, kind: str, into: Path) -> int:
        """Copy all files of a kind to a folder that outlives the server. Returns how many."""
        with self._lock:
            folders = [each.folder for each in self._kept if each.kind == kind]
        files = [file for folder in folders if folder.exists() for file in folder.iterdir()]
        if files:
            into.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(file, into / f"{file.parent.name}-{file.name}")
        return len(files)


SHELF = Shelf()
