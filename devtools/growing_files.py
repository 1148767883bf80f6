"""Files of at most about a megabyte that grow in memory or time when Pillow opens them carelessly.

Each is a file name and a function that builds the file's bytes.
"""

import struct
import zlib
from collections.abc import Iterator
from functools import cache, partial

from PIL import Image

from devtools.growing_tiffs import KB, Build, tags, tiffs
from devtools.malformed import bmp, chunk, gif, png, saved, segment, webp, with_segments

MB = 1_000 * KB
FLAT = {side: Image.new("L", (side, side), 77) for side in (8, 64, 512, 2000)}


# ------------------------------------------------------------------ PNG and APNG


def frames_png(n: int, size: int) -> bytes:
    frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0))
    more = frame + chunk(b"fdAT", bytes(4) + zlib.compress(bytes(size)))
    return behind(more * n, chunk(b"acTL", struct.pack(">II", n, 0)), frame)


def exif_text(exif: bytes) -> bytes:
    text = f"\nexif\n{len(exif):8}\n{exif.hex()}".encode()
    return png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)))


def behind(data: bytes, *between: bytes) -> bytes:
    """A picture with these chunks behind its pixels, and others before them."""
    return png(*between)[:-12] + data + chunk(b"IEND", b"")


def scattered(n: int) -> bytes:
    """Its pixels in chunks of one byte each, with empty ones between them."""
    whole = png()
    at = whole.index(b"IDAT")
    length = int.from_bytes(whole[at - 4 : at], "big")
    pixels = whole[at + 4 : at + 4 + length]
    each = b"".join(chunk(b"IDAT", bytes([byte])) + chunk(b"IDAT", b"") * n for byte in pixels)
    return whole[: at - 4] + each + chunk(b"IEND", b"")


def pngs() -> Iterator[tuple[str, Build]]:
    for n in (300, 3_000, 60_000):
        for kind, unit in ((2, 1), (3, 2), (5, 8)):
            size = 200 * KB if n == 60_000 else 900 * KB
            exif = partial(tags, n, kind, unit, size)
            yield f"exif_{n}_{kind}", lambda e=exif: png(chunk(b"eXIf", e()))
            yield f"exif_behind_{n}_{kind}", lambda e=exif: behind(chunk(b"eXIf", e()))
        yield f"exif_text_{n}", lambda n=n: exif_text(tags(min(n, 20_000), 2, 1, 200 * KB))
        yield f"frames_{n}", partial(frames_png, min(n, 10_000), 64)
        yield f"empty_{n}", lambda n=n: png(chunk(b"teSt", b"") * n)
        yield f"empty_behind_{n}", lambda n=n: behind(chunk(b"teSt", b"") * n)
    yield "frames_large", partial(frames_png, 1_000, 500 * KB)
    bomb = cache(lambda: zlib.compress(bytes(MB - 9), 9))
    xmp = b"XML:com.adobe.xmp\0\1\0\0\0"
    for n in (50, 900):
        yield f"profiles_{n}", lambda n=n: png(chunk(b"iCCP", b"p\0\0" + bomb()) * n)
        yield f"profiles_behind_{n}", lambda n=n: behind(chunk(b"iCCP", b"p\0\0" + bomb()) * n)
        yield f"texts_{n}", lambda n=n: png(chunk(b"zTXt", b"k\0\0" + bomb()) * n)
        yield f"xmp_{n}", lambda n=n: png(chunk(b"iTXt", xmp + bomb()) * n)
    for n in (10, 1_000):
        yield f"scattered_{n}", partial(scattered, n)
    sixteen = {"depth": 16, "colour": 6, "size": (2828, 2828)}
    yield "largest", lambda: png(rows=bytes(2828 * (1 + 8 * 2828)), **sixteen)


# ------------------------------------------------------------------ JPEG


def scanned(n: int, side: int, mode: str = "L", last: int = -1) -> bytes:
    """A progressive picture, one of whose scans is repeated."""
    jpeg = saved(FLAT[side].convert(mode), "JPEG", progressive=True)
    scans = jpeg[:-2].split(b"\xff\xda")
    again = b"\xff\xda" + scans[last].split(b"\xff\xc4")[0]
    return jpeg[:-2] + again * min(n, MB // len(again)) + b"\xff\xd9"


def sequential(n: int, side: int) -> bytes:
    jpeg = saved(FLAT[side], "JPEG")
    scan = jpeg[jpeg.index(b"\xff\xda") : -2]
    return jpeg[:-2] + scan * min(n, MB // len(scan)) + b"\xff\xd9"


def many(kind: int, data: bytes) -> bytes:
    """The same segment again and again."""
    return with_segments(FLAT[8], segment(kind, data) * 15)


def exif_segments(exif: bytes, size: int) -> bytes:
    parts = [exif[k : k + size] for k in range(0, len(exif), size)]
    return with_segments(FLAT[8], *(segment(0xE1, b"Exif\0\0" + part) for part in parts))


def jpegs() -> Iterator[tuple[str, Build]]:
    for side in FLAT:
        for n in (100, 1_000, 100_000):
            yield f"scans_{side}_{n}", partial(scanned, n, side)
            yield f"scans_rgb_{side}_{n}", partial(scanned, n, side, "RGB", 2)
        yield f"sequential_{side}", partial(sequential, 100_000, side)
    for n in (300, 3_000, 50_000):
        for kind, unit in ((2, 1), (3, 2), (5, 8)):
            exif = partial(tags, n, kind, unit, 300 * KB)
            yield f"exif_{n}_{kind}", lambda e=exif: exif_segments(e(), 65_000)
    yield "exif_small", lambda: exif_segments(tags(3_000, 2, 1, 64 * KB), 100)
    mpf = partial(tags, 3_000, 2, 1, 25_000)
    yield "mpf", lambda: with_segments(FLAT[8], segment(0xE2, b"MPF\0" + mpf()))
    resource, profile = b"8BIM" + bytes(8), b"ICC_PROFILE\0\1\2"
    yield "photoshop", lambda: many(0xED, b"Photoshop 3.0\0" + resource * 5_001)
    yield "profile", lambda: many(0xE2, profile + bytes(65_000))
    yield "profiles", lambda: with_segments(FLAT[8], segment(0xE2, profile) * 50_000)
    xmp = b"http://ns.adobe.com/xap/1.0/\0"
    yield "xmp", lambda: many(0xE1, xmp + b"tiff:Orientation" * 4_000)
    yield "comments", lambda: with_segments(FLAT[8], segment(0xFE, b"") * 200_000)
    yield "padding", lambda: with_segments(FLAT[8], b"\xff" * (900 * KB))
    yield "thumbnails", lambda: saved(FLAT[8], "JPEG") * 1_500
    yield "restarts", lambda: saved(FLAT[8], "JPEG")[:-2] + b"\xff\xd0" * 400_000 + b"\xff\xd9"


# ------------------------------------------------------------------ GIF, WebP, BMP


def blocks(data: bytes, size: int) -> bytes:
    parts = (data[k : k + size] for k in range(0, len(data), size))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def gifs() -> Iterator[tuple[str, Build]]:
    still = gif(size=(1, 1), frame=(0, 0, 1, 1))
    screen, frame = still[:19], still[19:-1]
    comment, application = b"!\xfe", b"!\xff\x0bXMP DataXMP"
    control = b"!\xf9\4\0\0\0\0\0"
    for size in (1, 255):
        for length in (100 * KB, 900 * KB):
            text = blocks(bytes([65]) * (length if size > 1 else length // 2), size)
            yield f"comment_{size}_{length}", lambda t=text: screen + comment + t + frame + b";"
            yield f"xmp_{size}_{length}", lambda t=text: screen + application + t + frame + b";"
    for n in (1_000, 20_000, 150_000):
        yield f"comments_{n}", lambda n=n: screen + (comment + b"\1a\0") * n + frame + b";"
        yield f"controls_{n}", lambda n=n: screen + control * min(n, 110_000) + frame + b";"
        yield f"frames_{n}", lambda n=n: screen + frame * min(n, 60_000) + b";"
        yield f"nonsense_{n}", lambda n=n: screen + b"?" * n + frame + b";"
    side = 2828
    codes = blocks(b"\x44\x01" * 200_000, 1)
    yield "codes", lambda: gif((side, side), frame=(0, 0, side, side))[:-5] + codes + b";"


def webps() -> Iterator[tuple[str, Build]]:
    plain = saved(FLAT[8].convert("RGB"), "WEBP", lossless=True)[12:]
    picture = plain[:4], plain[8:]
    still = bytes(6) + b"\7\0\0\7\0\0\x0a\0\0\0" + plain
    for n in (100, 2_000, 12_000):
        frame = (b"ANMF", still)
        yield f"frames_{n}", lambda n=n, f=frame: webp((b"ANIM", bytes(6)), *[f] * n)
        yield f"unknown_{n}", lambda n=n: webp(picture, *[(b"teSt", b"")] * (n * 5))
        exif = partial(tags, n * 5, 2, 1, 200 * KB)
        yield f"exif_{n}", lambda e=exif: webp(picture, (b"EXIF", e()))
        yield f"profiles_{n}", lambda n=n: webp(*[(b"ICCP", bytes(60))] * n, picture)
        yield f"xmp_{n}", lambda n=n: webp(picture, *[(b"XMP ", bytes(60))] * n)
    large = Image.new("RGB", (2828, 2828))
    yield "largest", lambda: saved(large, "WEBP", lossless=True)


def bmps() -> Iterator[tuple[str, Build]]:
    runs = {
        "single": b"\1\7", "ends": b"\0\0", "pairs": b"\2\7", "none": b"\0\0\1\7",
        "delta": b"\0\2\0\1", "delta_right": b"\0\2\1\0", "delta_0": b"\0\2\0\0",
        "absolute": b"\0\3abc\0", "long": b"\xff\7\0\0",
    }  # fmt: skip
    for name, run in runs.items():
        for bits, compression in ((8, 1), (4, 2)):
            pixels = run * (MB // len(run))
            yield f"{name}_rle{bits}", partial(bmp, (2828, 2828), bits, compression, pixels)
    yield "tall_rle4", partial(bmp, (2, 4 * MB), 4, 2, b"\2\7\0\0" * 250_000)
    yield "narrow_rle8", partial(bmp, (1, 8 * MB), 8, 1, b"\1\7" * 500_000)
    yield "wide_rle8", partial(bmp, (8 * MB, 1), 8, 1, b"\0\0" * 500_000)


def growing() -> Iterator[tuple[str, Build]]:
    """All of them."""
    kinds = {"tiff": tiffs, "png": pngs, "jpg": jpegs, "gif": gifs, "webp": webps, "bmp": bmps}
    for kind, files in kinds.items():
        for name, build in files():
            yield f"{name}.{kind}", build
