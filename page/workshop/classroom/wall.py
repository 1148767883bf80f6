"""The wall of a class: pictures and films that people of it show to the room, until its presenter
takes them down. Only files that this server drew and keeps for their visitors get there, each with
the link that draws it again; none is sent. A device has one there, its newest."""

import re
import secrets
import shutil
from pathlib import Path

from PIL import Image

import ddpm
from page.server.files import result_files
from page.server.refusal import Refused
from page.texts import both

KIND = "generate"  # of results
LINK = re.compile(r"[^#\s]*#generate\?v=[^#\s]+")
MOST, LARGEST = 24, 800_000  # pictures, and bytes of one
FRAMES, FRAME_PX = 12, 240  # of a film there: as downloaded, it has up to 10 MB
NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{8}\.(png|gif)")


class Wall:
    def __init__(self, folder: Path):
        self._folder = folder

    def names(self) -> list[str]:
        """Of its pictures, in the order in which they came."""
        files = [(file.stat().st_mtime_ns, file.name) for file in self._folder.glob("[!.]*")]
        return [name for _, name in sorted(files)]

    def hang(self, owner: str, path: str) -> None:
        """Put up a result of this server, in place of what its owner showed before. Raises
        Refused."""
        kind = Path(path).suffix
        if kind not in (".png", ".gif") or not result_files.STORE.holds(KIND, path):
            raise Refused(422, both("wall_foreign"))
        with Image.open(path) as picture:  # as page/widgets/saved_pictures.py wrote it
            link = picture.info.get("Comment") or picture.info.get("comment", b"").decode("latin1")
        if not LINK.fullmatch(link):
            raise Refused(422, both("wall_foreign"))
        before = [name for name in self.names() if name.startswith(owner)]
        if not before and len(self.names()) >= MOST:
            raise Refused(429, both("wall_full"))
        self._folder.mkdir(mode=0o700, exist_ok=True)
        part = self._folder / f".{secrets.token_hex(8)}"
        if kind == ".gif":
            ddpm.save_gif(_short(path), part, comment=link)
        else:
            shutil.copyfile(path, part)
        if part.stat().st_size > LARGEST:
            part.unlink()
            raise Refused(413, both("request_large").format(most=LARGEST))
        part.replace(self._folder / f"{owner}-{secrets.token_hex(4)}{kind}")
        for name in before:
            self.take_down(name)

    def take_down(self, name: str | None) -> None:
        """One picture, or all of them."""
        for each in [name] if name else self.names():
            self.file(each).unlink(missing_ok=True)

    def file(self, name: str) -> Path:
        return self._folder / name


def _short(path: str) -> list[Image.Image]:
    """Some frames of a film, the first and the last among them, as small as they are shown. The
    last, its finished picture, stands first too: who wants no motion is shown the first alone."""
    with Image.open(path) as film:
        size, frames = (FRAME_PX, FRAME_PX * film.height // film.width), []
        last = getattr(film, "n_frames", 1) - 1
        for k in [last, *sorted({round(last * j / (FRAMES - 1)) for j in range(FRAMES)})]:
            film.seek(k)
            frame = film.convert("L" if film.mode == "L" else "RGB")
            frames.append(frame.resize(size, Image.Resampling.NEAREST))
    return frames
