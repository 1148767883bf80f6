"""TIFF files, and EXIF in the same form, whose directories describe far more than they hold."""

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial

KB = 1_000
Build = Callable[[], bytes]


def tags(n: int, kind: int, unit: int, pointed: int, order: str = "<", big: bool = False) -> bytes:
    """A directory of n tags that all point at the same `pointed` bytes."""
    head, entry, word = ("Q", "HHQQ", "Q") if big else ("H", "HHLL", "L")
    start = b"II" if order == "<" else b"MM"
    start += struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HL", 42, 8)
    sizes = [struct.calcsize(order + form) for form in (head, entry, word)]
    target = len(start) + sizes[0] + n * sizes[1] + sizes[2]
    form = struct.Struct(order + entry)
    entries = b"".join(
        form.pack(tag, kind, pointed // unit, target) for tag in range(1000, 1000 + n)
    )
    return start + struct.pack(order + head, n) + entries + bytes(sizes[2]) + bytes(pointed)


def picture_tiff(*extra: tuple[int, int, int, int], side: int = 64, data: bytes = b"") -> bytes:
    """An uncompressed picture with further tags, (tag, type, count, value); `data` lies at 512."""
    entries = {
        256: (4, 1, side), 257: (4, 1, side), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, 1, 512), 278: (4, 1, side), 279: (4, 1, side * side),
    }  # fmt: skip
    entries |= {tag: rest for tag, *rest in extra}
    directory = struct.pack("<H", len(entries))
    for tag, (kind, n, value) in sorted(entries.items()):
        directory += struct.pack("<HHLL", tag, kind, n, value)
    head = struct.pack("<2sHL", b"II", 42, 8) + directory + bytes(4)
    return head.ljust(512, b"\0") + data.ljust(64 * 64, b"\0")


def strips(n: int, rows: int, size: int, side: int, compression: int = 1) -> bytes:
    """n strips that are the same `size` bytes."""
    offsets = struct.pack("<L", 512 + 8 * n) * n
    lengths = struct.pack("<L", size) * n
    row = zlib.compress(bytes(size)) if compression == 8 else bytes(size)
    extra = [(273, 4, n, 512), (279, 4, n, 512 + 4 * n), (278, 4, 1, rows)]
    extra.append((259, 3, 1, compression))
    return picture_tiff(*extra, side=side, data=offsets + lengths + row)


def subdirectories(n: int, tag: int) -> bytes:
    """A chain of directories, each with a pointer to the next, and a loop at its end."""
    data = b"".join(
        struct.pack("<HHHLLL", 1, tag, 4, 1, 512 + 18 * ((k + 1) % n), 512) for k in range(n)
    )
    return picture_tiff((tag, 4, 1, 512), data=data)


def numbers(n: int, kind: int, unit: int) -> bytes:
    return picture_tiff((37_500, kind, n, 512), data=bytes(n * unit))


def tiffs() -> Iterator[tuple[str, Build]]:
    kinds = {"ascii": (2, 1), "bytes": (7, 1), "short": (3, 2), "long": (4, 4), "ratio": (5, 8)}
    for name, (kind, unit) in kinds.items():
        for n in (300, 3_000, 60_000):
            for order in "<>":
                size = 200 * KB if n == 60_000 else 900 * KB
                called = f"tags_{name}_{n}_{'IM'[order == '>']}"
                yield called, partial(tags, n, kind, unit, size, order)
        yield f"tags_{name}_big", partial(tags, 20_000, kind, unit, 400 * KB, "<", True)
        yield f"numbers_{name}", partial(numbers, 900 * KB // unit, kind, unit)
    for n in (100, 3_000, 40_000):
        yield f"directories_{n}", partial(subdirectories, n, 34665)
        yield f"pictures_{n}", partial(subdirectories, n, 330)
    for compression in (1, 5, 8, 32773):
        yield f"strips_{compression}", partial(strips, 2_000, 1, 900 * KB, 2000, compression)
        yield f"layers_{compression}", partial(strips, 50_000, 2000, 90 * KB, 2000, compression)
