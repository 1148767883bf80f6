"""Files of results, where Gradio serves them: the last few of each visit, the others go at once."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import OrderedDict, deque
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder

KEPT = 4  # of a visit: a program may fetch one while it asks for the next
VISITS = 300  # that are remembered; what older ones left goes within the hour, see app.py


class Results:
    """Those of one kind, as the films of the Generate tab."""

    def __init__(self):
        self._of_visit: OrderedDict[str | None, deque[Path]] = OrderedDict()
        self._lock = threading.Lock()

    def folder(self, request: gr.Request) -> Path:
        """A new one for the files of one result; the visit's oldest may be deleted for it."""
        cache = Path(get_upload_folder())
        cache.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=cache))
        with self._lock:
            folders = self._of_visit.setdefault(request.session_hash, deque())
            self._of_visit.move_to_end(request.session_hash)
            folders.append(new)
            old = folders.popleft() if len(folders) > KEPT else None
            if len(self._of_visit) > VISITS:
                self._of_visit.popitem(last=False)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        return new
