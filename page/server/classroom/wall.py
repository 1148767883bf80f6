"""The wall of a class: pictures that people of it show to the room, until its presenter takes them
down. Only files that this server drew and keeps for their visitors get there, each with the link
that draws it again; none is sent. A device has one picture there, its newest."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path

from PIL import Image

from page.server.files import result_files
from page.server.refusal import Refused
from page.texts import both

KIND = "generate"  # of results
COMMENT = "Comment"  # where page/widgets/saved_pictures.py puts the link
LINK = re.compile(r"[^#\s]*#generate\?v=[^#\s]+")
MOST, LARGEST = 24, 300_000  # pictures, and bytes of one
NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{8}")


class Wall:
    def __init__(self, folder: Path):
        self._folder = folder

    def names(self) -> list[str]:
        """Of its pictures, in the order in which they came."""
        files = [(file.stat().st_mtime_ns, file.stem) for file in self._folder.glob("[!.]*")]
        return [name for _, name in sorted(files)]

    def hang(self, owner: str, path: str) -> None:
        """Put up a result of this server, in place of what its owner showed before. Raises
        Refused."""
        if not path.endswith(".png") or not result_files.STORE.holds(KIND, path):
            raise Refused(422, both("wall_foreign"))
        with Image.open(path) as picture:
            link = picture.info.get(COMMENT, "")
        if not LINK.fullmatch(link):
            raise Refused(422, both("wall_foreign"))
        if Path(path).stat().st_size > LARGEST:
            raise Refused(413, both("request_large").format(most=LARGEST))
        before = [name for name in self.names() if name.startswith(owner)]
        if not before and len(self.names()) >= MOST:
            raise Refused(429, both("wall_full"))
        self._folder.mkdir(mode=0o700, exist_ok=True)
        part = self._folder / f".{secrets.token_hex(8)}"
        shutil.copyfile(path, part)
        part.replace(self._folder / f"{owner}-{secrets.token_hex(4)}.png")
        for name in before:
            self.take_down(name)

    def take_down(self, name: str | None) -> None:
        """One picture, or all of them."""
        for each in [name] if name else self.names():
            self.file(each).unlink(missing_ok=True)

    def file(self, name: str) -> Path:
        return self._folder / f"{name}.png"
