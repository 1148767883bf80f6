"""Cheap checks of a picture's bytes, before and after Pillow reads its header.

A small file can describe hours of work: thousands of tags that point at the same bytes, of scans
that refine a picture already drawn, of comments. Each format is walked over without decoding, and
each walk is bounded itself.
"""

import re
import struct
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_PIXELS = 8_000_000
MAX_JPEG_PIXELS = 70_000_000  # a telephone's 64 megapixels: decoded at a half to an eighth
MAX_PROGRESSIVE_PIXELS = 25_000_000  # all of whose coefficients are in memory, 6 bytes per pixel
MAX_SCANNED = 600e6  # pixels of all scans of a JPEG
SCAN_PIXELS = 100_000  # what an empty scan costs, in pixels
MAX_PIECES = 20_000  # chunks, segments, blocks and frames: no honest picture has as many
MAX_PROFILES = 100  # compressed texts and profiles of a PNG; each may unpack to a megabyte
MAX_COMMENT = 100_000  # bytes before the first frame of a GIF: Pillow's time is quadratic in them
MAX_RUNS = 2_000_000  # bytes of a run-length encoded BMP, which Pillow decodes in Python
MAX_EXIF = 2_000_000  # bytes
MAX_NUMBERS = 200_000  # in a picture's tags
MAX_TAGS = 5_000
SUBDIRECTORIES = {330, 34665, 34853, 40965}  # tags: other pictures, EXIF, GPS, interoperability
STRIP_BYTES = {279, 325}  # tags: lengths of strips and tiles
UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
UNITS |= {16: 8, 17: 8, 18: 8}  # bytes of a value of each type
TEXT_TYPES = {1, 2, 6, 7}  # read as they are, not number by number


class Unacceptable(Exception):
    """`why` is the end of a text key, upload_…"""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


def check_file(file: BinaryIO) -> None:
    """Raise Unacceptable if Pillow might not survive this file."""
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        start = data[:16]
        if len(data) < 16:  # no picture at all
            return
        if start[4:8] == b"ftyp" and re.search(rb"hei[cxms]|hev[cxms]", data[8:64]):
            raise Unacceptable("heic")
        if start.startswith(b"\xff\xd8\xff"):
            _check_jpeg(data)
        elif start.startswith(b"\x89PNG\r\n\x1a\n"):
            _check_png(data)
        elif start.startswith((b"GIF87a", b"GIF89a")):
            _check_gif(data)
        elif start.startswith(b"RIFF") and start[8:12] == b"WEBP":
            _check_webp(data)
        elif start.startswith(b"BM"):
            _check_bmp(data)
        elif start.startswith((b"II", b"MM")):
            _check_tags(data)


def check_open(image: Image.Image) -> None:
    """Raise Unacceptable if this picture has too many pixels, or metadata that takes too long."""
    limit = MAX_JPEG_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS
    if image.width * image.height > limit:
        raise Unacceptable("large")
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for _, box, *_ in getattr(image, "tile", [])]
    if len(areas) > MAX_PIECES or sum(areas) > 8 * image.width * image.height:
        raise Unacceptable("damaged")  # the same pixels are described many times
    if image.format not in ("JPEG", "MPO", "TIFF"):  # theirs have been checked
        for exif in _exif(image.info):
            _check_tags(exif)


def _exif(info: dict) -> Iterator[bytes]:
    if isinstance(exif := info.get("exif"), bytes):
        yield exif.removeprefix(b"Exif\0\0")
    if isinstance(text := info.get("Raw profile type exif"), str):
        try:  # as Pillow does
            exif = bytes.fromhex("".join(text.split("\n")[3:]))
        except ValueError:
            return
        yield exif.removeprefix(b"Exif\0\0")


MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # not escaped, no restart marker, no padding
SOF = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SOI, EOI, SOS, APP1, APP2 = 0xD8, 0xD9, 0xDA, 0xE1, 0xE2


def _check_jpeg(data: mmap) -> None:
    scans = pixels = pieces = 0
    is_progressive = False
    exif = b""
    at = 2
    while (found := MARKER.search(data, at)) and (kind := found[0][1]) != EOI:
        at = found.end()
        if kind in (SOI, 1):  # have no length
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        head = data[at + 2 : at + 10]
        if kind in SOF:
            height, width = struct.unpack(">xHH", head[:5].ljust(5, b"\0"))
            pixels = max(pixels, width * height)
            is_progressive |= kind in (0xC2, 0xCA)
        elif kind == APP1 and head.startswith(b"Exif\0\0"):
            exif += data[at + 8 : at + length]
            if len(exif) > MAX_EXIF:
                raise Unacceptable("metadata")
        elif kind == APP2 and head.startswith(b"MPF\0"):
            _check_tags(data[at + 6 : at + length])
        scans += kind == SOS
        pieces += 1
        if pieces > MAX_PIECES or scans * (pixels + SCAN_PIXELS) > MAX_SCANNED:
            raise Unacceptable("slow" if scans > 1 else "metadata")
        at += max(length, 2)
    if pixels > (MAX_PROGRESSIVE_PIXELS if is_progressive or scans > 1 else MAX_JPEG_PIXELS):
        raise Unacceptable("large")
    _check_tags(exif)


def _check_png(data: mmap) -> None:
    at, pieces, profiles = 8, 0, 0
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        pieces += 1
        profiles += kind in (b"iCCP", b"zTXt", b"iTXt")
        if pieces > MAX_PIECES or profiles > MAX_PROFILES:
            raise Unacceptable("metadata")
        if length > len(data):  # Pillow would make room for it
            raise Unacceptable("damaged")
        at += 12 + length


EXTENSION = ord("!")


def _check_gif(data: mmap) -> None:
    """Up to the first frame: nothing reads further."""
    has_palette, bits = data[10] >> 7, data[10] & 7
    at = start = 13 + has_palette * 3 * 2 ** (bits + 1)
    while at - start <= MAX_COMMENT and data[at : at + 1] not in (b",", b";", b""):
        if data[at] != EXTENSION:
            at += 1
            continue
        at += 2
        while at - start <= MAX_COMMENT and data[at : at + 1] > b"\0":  # blocks, after their length
            at += data[at] + 1
        at += 1
    if at - start > MAX_COMMENT:
        raise Unacceptable("metadata")


def _check_webp(data: mmap) -> None:
    """libwebp makes room for the whole picture while reading the header."""
    kind, head = data[12:16], data[20:30].ljust(10, b"\0")
    width = height = 0
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[k : k + 3], "little") + 1 for k in (4, 7))
    elif kind == b"VP8L":
        sides = int.from_bytes(head[1:5], "little")
        width, height = (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[6:10]))
    if width * height > MAX_PIXELS:
        raise Unacceptable("large")
    at, pieces = 12, 0
    while at + 8 <= len(data):
        pieces += 1
        if pieces > MAX_PIECES:
            raise Unacceptable("metadata")
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2


def _check_bmp(data: mmap) -> None:
    compression = int.from_bytes(data[30:34], "little")
    if compression in (1, 2) and len(data) > MAX_RUNS:
        raise Unacceptable("slow")


def _check_tags(data: bytes | mmap) -> None:
    """Directories of TIFF and EXIF: together, their tags may not be larger than the file."""
    order = ">" if data[:2] == b"MM" else "<"
    is_big = b"\x2b" in data[2:4]
    head, entry, word = ("Q", "HHQ8s", "Q") if is_big else ("H", "HHL4s", "L")
    head, entry, word = (struct.Struct(order + form) for form in (head, entry, word))
    starts = [_unpack(word, data, 8 if is_big else 4)]
    tags = numbers = size = strips = 0
    for start in starts:  # grows while it is walked over
        count = _unpack(head, data, start)
        tags += count + 1
        if tags > MAX_TAGS:
            raise Unacceptable("metadata")
        end = start + head.size + count * entry.size
        entries = data[start + head.size : min(end, len(data))]
        whole = entries[: len(entries) // entry.size * entry.size]
        for tag, kind, n, value in entry.iter_unpack(whole):
            (at,) = word.unpack(value)
            taken = n * UNITS.get(kind, 0)
            size += min(taken, len(data)) if taken > word.size else 0
            numbers += 0 if kind in TEXT_TYPES else min(taken, len(data)) // UNITS.get(kind, 1)
            if size > 2 * len(data) + 100_000 or numbers > MAX_NUMBERS:
                raise Unacceptable("metadata")
            if tag in SUBDIRECTORIES and at not in starts and len(starts) < 100:
                starts.append(at)
            if tag in STRIP_BYTES and kind in (3, 4, 16) and taken > word.size:
                strips += _total(data[at : at + taken], f"{order}{'HLQ'[(3, 4, 16).index(kind)]}")
                if strips > 4 * len(data) + 100_000:  # the same bytes many times
                    raise Unacceptable("damaged")


def _unpack(form: struct.Struct, data: bytes | mmap, at: int) -> int:
    """A number of the file; 0 behind its end."""
    found = data[at : at + form.size]
    return form.unpack(found)[0] if len(found) == form.size else 0


def _total(values: bytes, form: str) -> int:
    size = struct.calcsize(form)
    return sum(value for (value,) in struct.iter_unpack(form, values[: len(values) // size * size]))
