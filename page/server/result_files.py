"""Files of results, where Gradio serves them: the last few of each visit, and so many bytes in all.

Within the hour they go anyway: see FILES_KEPT_S of app.py.
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
from gradio.utils import get_upload_folder

KEPT = 4  # of a visit and kind: a program may fetch one while it asks for the next
MOST_BYTES = 128_000_000  # of all visits: 44 trained models of 2.9 MB


@dataclass(frozen=True)
class _Result:
    kind: str
    visit: str | None
    folder: Path
    size: int


class Shelf:
    """The results of all visits, from the oldest to the newest."""

    def __init__(self):
        self._kept: list[_Result] = []
        self._lock = threading.Lock()

    @contextmanager
    def folder(self, kind: str, request: gr.Request) -> Iterator[Path]:
        """A new one, to write the files of one result to; older results may be deleted for it."""
        cache = Path(get_upload_folder())
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
        """Keep this one. Returns those that have to go for it: nobody's last few, while somebody
        else has more.
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
                    break  # one that is larger than all that others have
                kept.remove(oldest)
                gone.append(oldest)
                sizes[most] -= oldest.size
            self._kept = [*kept, new]
        return gone

    def rescue(self, kind: str, into: Path) -> int:
        """Copy all files of a kind to where they outlive the server. Returns how many."""
        with self._lock:
            folders = [each.folder for each in self._kept if each.kind == kind]
        files = [file for folder in folders if folder.exists() for file in folder.iterdir()]
        if files:
            into.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(file, into / f"{file.parent.name}-{file.name}")
        return len(files)


SHELF = Shelf()
