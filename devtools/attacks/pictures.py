"""Pictures that grow in memory or time when they are opened, each of at most a few megabytes."""

import httpx
from PIL import Image

from devtools.attacks.attacker import Attacker
from devtools.hostile_client import Page
from devtools.malformed import chunk, png, saved, tiff
from devtools.visit import in_both_languages

SHARED = 1_000_000  # bytes that every tag points at
TAGS = 1_000  # so a gigabyte if each is read
SCANS = 4_000
TIMES = 60  # as often as the time allows, at most


def shared_tags(count: int = TAGS, size: int = SHARED) -> bytes:
    """A TIFF directory of private tags whose values are the same bytes of the file."""
    entries = [(256, 4, 1, 8), (257, 4, 1, 8)]
    entries += [(40_000 + k, 7, size, 8) for k in range(count)]
    return tiff(*entries) + b"\0" * size


def many_scans(count: int = SCANS) -> bytes:
    """A progressive JPEG of eight megapixels that refines the same coefficients again and again."""
    jpeg = saved(Image.new("L", (4_000, 2_000), 128), "JPEG", progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + last * count + jpeg[-2:]


def long_comment(blocks: int = 20_000) -> bytes:
    """A GIF with one comment of many blocks: joined one by one, they take quadratic time."""
    gif = saved(Image.new("L", (8, 8)), "GIF")
    at = gif.index(b"!") if b"!" in gif else gif.index(b",", 13)
    return gif[:at] + b"!\xfe" + (b"\xff" + b"c" * 255) * blocks + b"\0" + gif[at:]


def _open(attacker: Attacker, name: str, data: bytes) -> None:
    """Upload the picture and have the Noise tab show it, four at a time."""

    def one(k: int, page: Page) -> httpx.Response | tuple[str, str]:
        listener = page.listener("new_picture")
        values = list(page.listeners[listener])
        try:
            values[0] = page.upload(name, data)
        except httpx.HTTPStatusError as refused:
            said = refused.response.text
            return ("sentence", said) if in_both_languages(said) else refused.response
        return page.ask(listener, values)

    attacker.crowd(one, TIMES, at_once=4)


def tiff_tags(attacker: Attacker) -> None:
    _open(attacker, "tags.tiff", shared_tags())


def png_exif(attacker: Attacker) -> None:
    _open(attacker, "exif.png", png(chunk(b"eXIf", shared_tags())))


def jpeg_scans(attacker: Attacker) -> None:
    _open(attacker, "scans.jpg", many_scans())


def gif_comment(attacker: Attacker) -> None:
    _open(attacker, "comment.gif", long_comment())


def unqueued_posts(attacker: Attacker) -> None:
    """Listeners that bypass the queue, all at work on the same picture."""
    file = attacker.pages[0].upload("scans.jpg", many_scans())
    data = [file, 0.0, "cosine"]
    attacker.crowd(
        lambda k, page: page.at_once("from_noise_tab", data, f"unqueued{k}"), 105, at_once=105
    )
