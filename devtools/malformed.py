"""Damaged and hostile pictures, built byte by byte, modelled on what Pillow's own tests describe.

Each is a file name and the file's bytes.
"""

import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8))
SCRIPT = b"<script>alert(1)</script>"


def saved(image: Image.Image, format: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def valid() -> dict[str, bytes]:
    """Small files of every accepted format, in every mode that it supports."""
    grey, palette = PHOTO.convert("L"), PHOTO.quantize(16)
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    frames = [PHOTO.rotate(180)]
    return {
        "rgb.png": saved(PHOTO, "PNG"),
        "grey.png": saved(grey, "PNG"),
        "bilevel.png": saved(grey.convert("1"), "PNG"),
        "palette.png": saved(palette, "PNG", transparency=3),
        "rgba.png": saved(PHOTO.convert("RGBA"), "PNG"),
        "deep.png": saved(grey.convert("I"), "PNG"),
        "animated.png": saved(PHOTO, "PNG", save_all=True, append_images=frames),
        "rgb.jpg": saved(PHOTO, "JPEG", exif=exif),
        "progressive.jpg": saved(PHOTO, "JPEG", progressive=True),
        "cmyk.jpg": saved(PHOTO.convert("CMYK"), "JPEG"),
        "lossy.webp": saved(PHOTO, "WEBP", exif=exif),
        "lossless.webp": saved(PHOTO.convert("RGBA"), "WEBP", lossless=True),
        "animated.webp": saved(PHOTO, "WEBP", save_all=True, append_images=frames),
        "palette.gif": saved(palette, "GIF", transparency=0),
        "animated.gif": saved(PHOTO, "GIF", save_all=True, append_images=frames),
        "rgb.bmp": saved(PHOTO, "BMP"),
        "palette.bmp": saved(palette, "BMP"),
        "rgb.tiff": saved(PHOTO, "TIFF", exif=exif),
        "lzw.tiff": saved(PHOTO, "TIFF", compression="tiff_lzw"),
        "float.tiff": saved(grey.convert("F"), "TIFF"),
        "lab.tiff": saved(Image.new("LAB", (9, 9)), "TIFF"),
        "cmyk.tiff": saved(PHOTO.convert("CMYK"), "TIFF"),
        "deep.tiff": saved(Image.fromarray(np.full((9, 9), 40_000, np.uint16)), "TIFF"),
    }


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*between: bytes, size=(8, 8), depth=8, colour=0, rows: bytes | None = None) -> bytes:
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    rows = b"\0" * (9 * 8) if rows is None else rows
    parts = [chunk(b"IHDR", header), *between, chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def bmp(size=(8, 8), bits=8, compression=0, pixels=b"\0" * 64, palette=b"\0\0\0\0" * 256) -> bytes:
    offset = 54 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset)
    info = struct.pack(
        "<IiiHHIIiiII", 40, *size, 1, bits, compression, len(pixels), 0, 0, len(palette) // 4, 0
    )
    return head + info + palette + pixels


def tiff(*tags: tuple[int, int, int, int], next_ifd: int = 0, at: int = 8) -> bytes:
    """A little-endian file with one directory of (tag, type, count, value or offset)."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", next_ifd)
    return struct.pack("<2sHI", b"II", 42, at) + directory + b"\0" * 64


def tiff_of(width: int, height: int, /, **changes: tuple[int, int, int]) -> bytes:
    tags = {
        "width": (256, 4, 1, width), "height": (257, 4, 1, height), "bits": (258, 3, 1, 8),
        "compression": (259, 3, 1, 1), "photometric": (262, 3, 1, 1), "strips": (273, 4, 1, 8),
        "rows": (278, 4, 1, height), "bytes": (279, 4, 1, 64),
    }  # fmt: skip
    tags |= {name: (tags[name][0], *value) for name, value in changes.items()}
    return tiff(*tags.values())


def gif(size=(8, 8), first_code=2, data=b"\x02\x44\x01", frame=(0, 0, 8, 8)) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    block = b"," + struct.pack("<HHHHB", *frame, 0) + bytes([first_code])
    return screen + block + bytes([len(data)]) + data + b"\0;"


def webp(*chunks: tuple[bytes, bytes], size=(8, 8), flags=0x3E) -> bytes:
    """An extended file: a canvas of this size, all flags set, then the chunks."""
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    body = b"WEBPVP8X" + struct.pack("<IB", 10, flags) + bytes(3) + sides
    for kind, data in chunks:
        body += kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_of(*size: int) -> bytes:
    """A canvas with an empty animation in it."""
    return webp((b"ANIM", bytes(6)), size=size, flags=2)


def segment(kind: int, data: bytes) -> bytes:
    return bytes([255, kind]) + struct.pack(">H", len(data) + 2) + data


def with_segments(image: Image.Image, *segments: bytes) -> bytes:
    jpeg = saved(image, "JPEG")
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def jpeg_with_exif(exif: bytes) -> bytes:
    return with_segments(PHOTO, segment(0xE1, b"Exif\0\0" + exif))


def archive() -> bytes:
    with zipfile.ZipFile(file := io.BytesIO(), "w") as zipped:
        zipped.writestr("../../escape.png", saved(PHOTO, "PNG"))
    return file.getvalue()


def malformed() -> Iterator[tuple[str, bytes]]:
    """The whole corpus, except for the thousands of truncated files: see `cuts`."""
    bomb = zlib.compress(b"\0" * 50_000_000, 9)  # 50 kB
    whole = saved(PHOTO, "PNG")

    # huge sizes in the header, without the pixels
    for side in (3_000, 20_000, 65_535, 2**31 - 1):
        yield f"{side}.png", png(size=(side, side), depth=1)
        yield f"{side}.bmp", bmp(size=(side, side))
        yield f"{side}.tiff", tiff_of(side, side)
        if side < 2**16:
            yield f"{side}.gif", gif(size=(side, side), frame=(0, 0, side, side))
    yield "16383.webp", webp_of(16_383, 16_383)
    yield "24_bits.webp", webp_of(2**24, 2**24)
    yield "line.png", png(size=(2**31 - 1, 1), depth=1)
    yield "nothing.png", png(size=(0, 8))
    yield "negative.bmp", bmp(size=(-8, 8))
    yield "upside_down.bmp", bmp(size=(8, -(2**31)))

    # checksums, chunks, and streams that unpack to more than they announce
    yield "crc.png", whole[:-20] + bytes([whole[-20] ^ 255]) + whole[-19:]
    yield "header_crc.png", whole[:29] + b"\0\0\0\0" + whole[33:]
    yield "rows_bomb.png", png(rows=b"\0" * 50_000_000)
    yield "text_bomb.png", png(chunk(b"zTXt", b"k\0\0" + bomb))
    yield "many_texts.png", png(*[chunk(b"zTXt", b"k\0\0" + bomb)] * 100)
    yield "itxt_bomb.png", png(chunk(b"iTXt", b"k\0\1\0\0\0" + bomb))
    yield "profile_bomb.png", png(chunk(b"iCCP", b"p\0\0" + bomb))
    yield "profile.png", png(chunk(b"iCCP", b"p\0\0nonsense"))
    yield "huge_chunk.png", whole[:33] + struct.pack(">I", 2**31 - 1) + whole[37:]
    yield "unknown_chunk.png", png(chunk(b"ABCD", b"critical"))
    yield "two_headers.png", png(chunk(b"IHDR", b"\0" * 13))
    yield "depth.png", png(depth=77)
    yield "colour.png", png(colour=99)
    yield "no_palette.png", png(colour=3)
    yield "palette_index.png", png(chunk(b"PLTE", b"\0" * 6), colour=3, rows=b"\0" + b"\xff" * 71)
    yield "odd_palette.png", png(chunk(b"PLTE", b"\0" * 7), colour=3)
    yield "frames.png", png(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))
    yield "exif.png", png(chunk(b"eXIf", b"MM\0*" + b"\xff" * 30))

    # directories that loop, lie, or point outside
    yield "loop.tiff", tiff((256, 4, 1, 8), next_ifd=8)
    yield "outside.tiff", tiff((256, 4, 1, 8), at=2**32 - 1)
    yield "offset.tiff", tiff_of(8, 8, strips=(4, 1, 2**32 - 1))
    yield "counts.tiff", tiff_of(8, 8, strips=(4, 2**32 - 1, 8))
    yield "bytes.tiff", tiff_of(8, 8, bytes=(4, 1, 2**32 - 1))
    yield "no_bits.tiff", tiff_of(8, 8, bits=(3, 1, 0))
    yield "bits.tiff", tiff_of(8, 8, bits=(3, 1, 65_535))
    yield "type.tiff", tiff_of(8, 8, width=(99, 1, 8))
    yield "text_width.tiff", tiff_of(8, 8, width=(2, 4, 8))
    yield "fraction.tiff", tiff_of(8, 8, width=(5, 1, 8))
    yield "none.tiff", tiff()
    for compression in (2, 3, 4, 5, 6, 7, 8, 32_773, 34_925, 50_000, 50_001, 65_535):
        yield f"compression_{compression}.tiff", tiff_of(8, 8, compression=(3, 1, compression))
    yield "big.tiff", struct.pack("<2sHHHQ", b"II", 43, 8, 0, 2**63) + b"\0" * 64

    # EXIF that has the wrong type, loops, or is cut short
    for kind, value in ((3, 99), (2, 6), (5, 8), (12, 6), (7, 6), (99, 6), (1, 0)):
        yield f"orientation_{kind}_{value}.jpg", jpeg_with_exif(tiff((0x0112, kind, 1, value)))
    yield "orientations.jpg", jpeg_with_exif(tiff((0x0112, 3, 2**32 - 1, 6)))
    yield "exif_loop.jpg", jpeg_with_exif(tiff((0x8769, 4, 1, 8), next_ifd=8))
    yield "exif_noise.jpg", jpeg_with_exif(bytes(range(256)))
    yield "exif_empty.jpg", jpeg_with_exif(b"")
    yield "two_photos.jpg", saved(PHOTO, "JPEG") * 2
    yield "markers.jpg", b"\xff\xd8" + b"\xff\xe0\0\2" * 20_000 + b"\xff\xd9"
    yield "short_marker.jpg", b"\xff\xd8\xff\xe0\0\0\xff\xd9"

    # runs and codes that point outside the picture
    outside = b"\xff\xff" * 99, b"\0\2\xff\xff" * 99, b"\0\xff" + b"\1" * 9, b"\0\0" * 99, b"\0"
    for code in outside:
        yield f"rle8_{code[:3].hex()}_{len(code)}.bmp", bmp(compression=1, pixels=code)
        yield f"rle4_{code[:3].hex()}_{len(code)}.bmp", bmp(bits=4, compression=2, pixels=code)
    yield "palette.bmp", bmp(palette=b"\0\0\0\0", pixels=b"\xff" * 64)
    yield "bits.bmp", bmp(bits=77)
    yield "compression.bmp", bmp(compression=99)
    yield "code.gif", gif(first_code=99)
    yield "wide_code.gif", gif(first_code=12, data=b"\xff" * 255)
    yield "codes.gif", gif(data=b"\xff" * 255)
    yield "frame_outside.gif", gif(frame=(65_535, 65_535, 65_535, 65_535))
    still = gif(size=(1, 1), frame=(0, 0, 1, 1))[:-1]
    yield "thousands.gif", still + still[19:] * 5_000 + b";"

    # formats that aren't accepted, and other files, also under a picture's name
    for format in ("ICO", "EPS", "PCX", "PPM", "TGA", "SGI", "PDF", "JPEG2000", "ICNS", "DDS"):
        yield f"refused.{format.lower()}", saved(PHOTO, format)
    others = {
        "psd": b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 8, 8, 8, 3) + b"\0" * 64,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "html": b"<!doctype html>" + SCRIPT,
        "zip": archive(),
        "pickle": pickle.dumps({"path": "/etc/passwd"}),
        "gzip": b"\x1f\x8b\x08" + b"\0" * 40,
        "mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 40,
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40,
        "ps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
        "mvg": b"push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'https://localhost/'\n",
        "txt": "一张图片".encode(),
        "zeros": b"\0" * 4096,
        "empty": b"",
    }
    for kind, data in others.items():
        yield f"other.{kind}", data
        yield f"{kind}.png", data


def cuts(data: bytes) -> Iterator[bytes]:
    """The file truncated after every byte."""
    return (data[:length] for length in range(1, len(data)))
