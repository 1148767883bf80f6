"""A video of pictures that are each shown for a while, as MP4: what every player plays."""

import io
import subprocess
import tempfile
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from PIL import Image

QUALITIES = (23, 26, 29, 32, 35)  # x264's, best first
OF_A_LOOP = (60, 45, 30, 20, 12, 6)  # WebP's
LOOP_WIDTH = 640
LEAST_S, MOST_S = 0.5, 1.5  # that a picture of a loop is shown


@dataclass
class Reel:
    """JPEG pictures of one size, each with the seconds for which it is shown."""

    pictures: list[tuple[bytes, float]] = field(default_factory=list)

    def add(self, picture: bytes, seconds: float) -> None:
        self.pictures.append((picture, seconds))

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds in self.pictures)

    def save(self, path: Path, most_bytes: int) -> None:
        """In the best quality that fits, by the ffmpeg of imageio-ffmpeg, which nothing else needs,
        or the system's. RuntimeError if none does."""
        ffmpeg = import_module("imageio_ffmpeg").get_ffmpeg_exe()
        with tempfile.TemporaryDirectory() as name:
            listed = self._listed(Path(name))
            for quality in QUALITIES:
                command = [
                    ffmpeg, "-y", "-loglevel", "error", "-f", "concat", "-i", listed,
                    "-fps_mode", "vfr", "-c:v", "libx264", "-preset", "medium",
                    "-crf", str(quality), "-g", "60", "-pix_fmt", "yuv420p",
                    "-movflags", "+faststart", path,
                ]  # fmt: skip
                subprocess.run(command, check=True)
                if path.stat().st_size <= most_bytes:
                    return
        raise RuntimeError(f"{path} has {path.stat().st_size} bytes, more than {most_bytes}")

    def save_loop(self, path: Path, most_bytes: int) -> None:
        """Small and without its longest stills, as a WebP that starts again at its end."""
        shown: list[Image.Image] = []
        lasting: list[int] = []
        seconds = 0.0
        for picture, own in self.pictures:
            seconds += own
            if seconds >= LEAST_S:
                whole = Image.open(io.BytesIO(picture))
                size = LOOP_WIDTH, round(LOOP_WIDTH * whole.height / whole.width)
                shown.append(whole.resize(size))
                lasting.append(round(1000 * min(MOST_S, seconds)))
                seconds = 0.0
        for quality in OF_A_LOOP:
            shown[0].save(
                path, save_all=True, append_images=shown[1:], duration=lasting, loop=0,
                quality=quality, method=4,
            )  # fmt: skip
            if path.stat().st_size <= most_bytes:
                return
        raise RuntimeError(f"{path} has {path.stat().st_size} bytes, more than {most_bytes}")

    def _listed(self, folder: Path) -> Path:
        lines = ["ffconcat version 1.0"]
        for k, (picture, seconds) in enumerate(self.pictures):
            (folder / f"{k}.jpg").write_bytes(picture)
            lines += [f"file {k}.jpg", f"duration {seconds:.3f}"]
        lines.append(lines[-2])  # without it, the last is not shown for its time
        (folder / "list.txt").write_text("\n".join(lines))
        return folder / "list.txt"
