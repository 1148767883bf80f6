"""How much longer a picture takes because it is opened in a process of its own, page/server's, and
not where it is used; and six telephone photographs in a row, with the server's memory.

    python -m benchmarks.pictures --repeats 20
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

# What needs torch is imported where it is used: each worker imports this module too.


def photograph(folder: Path, width: int, height: int, name: str, **options) -> Path:
    """A picture with structure at all scales, as a photograph has, lying on its side."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(width)
    pixels = np.zeros((height, width, 3))
    for scale in (4, 16, 64, 256):
        small = rng.normal(size=(height // scale + 1, width // scale + 1, 3)) * scale**0.7
        rows, columns = np.arange(height) // scale, np.arange(width) // scale
        pixels += small[rows][:, columns]
    exif = Image.Exif()
    exif[0x0112] = 6
    path = folder / name
    Image.fromarray(np.uint8(pixels.clip(-64, 63) * 2 + 128)).save(path, exif=exif, **options)
    return path


def here(path: Path):
    """As without workers: everything in this process, at full size."""
    from PIL import Image, ImageOps

    import ddpm

    with Image.open(path) as image:
        return ddpm.from_pil(ImageOps.exif_transpose(image), 128, 3)


def in_a_worker(path: Path):
    import ddpm
    from page.server.files.uploads import open_upload

    return ddpm.from_pil(open_upload(path), 128, 3)


def main() -> None:
    import psutil
    from PIL import Image

    from devtools.timing import medians
    from page.server.files import picture_pool
    from page.tabs.noise.forward import CAT

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shapes = {
            "cat, 0.3 MP JPEG": CAT,
            "1 MP PNG": photograph(folder, 1000, 1000, "1.png"),
            "8 MP PNG": photograph(folder, 4000, 2000, "8.png", compress_level=3),
            "12 MP JPEG": photograph(folder, 4000, 3000, "12.jpg", quality=90),
            "12 MP progressive": photograph(folder, 4000, 3000, "p.jpg", progressive=True),
            "48 MP JPEG": photograph(folder, 8000, 6000, "48.jpg", quality=85),
        }
        print("| picture | in this process | in a worker | difference | ratio |")
        print("|---|---|---|---|---|")
        for label, path in shapes.items():
            runs = {"here": lambda p=path: here(p), "there": lambda p=path: in_a_worker(p)}
            taken = medians(runs, args.repeats)
            a, b = taken["here"] * 1e3, taken["there"] * 1e3
            print(f"| {label} | {a:.0f} ms | {b:.0f} ms | {b - a:+.0f} ms | {b / a:.2f} |")

        photos = [photograph(folder, 4000, 3000, f"IMG_{k}.jpg", quality=90) for k in range(6)]
        server = psutil.Process()
        before = server.memory_info().rss
        for path in photos:
            begin = time.perf_counter()
            in_a_worker(path)
            print(f"\n{path.name}: {time.perf_counter() - begin:.2f} s", end="")
        grown = (server.memory_info().rss - before) / 1e6
        workers = sum(each.memory_info().rss for each in server.children(recursive=True)) / 1e6
        print(f"\n\nThis process grew by {grown:.0f} MB; its workers have {workers:.0f} MB.")
    picture_pool.stop()


if __name__ == "__main__":
    main()
