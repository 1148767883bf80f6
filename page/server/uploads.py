"""The one door through which a visitor's picture comes in.

A picture that anyone may send is opened here and nowhere else: first by its header, and decoded
only if that promises a known format of bearable size.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import gradio as gr
import safehttpx
from gradio import processing_utils
from gradio.utils import get_upload_folder
from PIL import Image, ImageOps

from page.texts import both

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_PIXELS = 8_000_000
UNFINISHED_S = 3600  # no upload takes as long
AT_ONCE = 2  # pictures: at its full size one may take a hundred megabytes
# Pillow's own limit guards what is opened before its size can be read; it refuses twice this.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def _refused(why: str) -> gr.Error:
    return gr.Error(both(why), print_exception=False)  # a visitor's mistake is no news for the log


async def _no_download(*_, **__):
    raise _refused("upload_url")


# Gradio fetches an address that stands in place of a file, whatever component it is sent to,
# and hands out any public one under /file=. Nothing on this page asks for either.
processing_utils.async_ssrf_protected_download = _no_download
safehttpx.async_validate_url = _no_download


_decoding = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def opened(upload: dict | Path | None) -> Iterator[Image.Image]:
    """`open_upload`, and the picture's turn: it has full size until the block ends."""
    with _decoding:
        yield open_upload(upload)


def open_upload(upload: dict | Path | None) -> Image.Image:
    """The first frame of the picture, right side up, ready for `ddpm.from_pil`.

    `upload` is what a gr.Image sends to a listener with preprocess=False, or a path of our own.
    Without that, Gradio opens the file before we can, and answers a damaged one in Pillow's words.

    The mode is L, RGB, RGBA, or a deeper grey (I, I;16, F) that from_pil scales. gr.Error, in
    words for the visitor, if there is no file, or not a picture that we take.
    """
    path = upload if isinstance(upload, Path) else _uploaded(upload)
    if path.stat().st_size == 0:
        raise _refused("upload_empty")
    try:
        image = Image.open(path, formats=FORMATS)  # reads the header, decodes nothing
    except Image.DecompressionBombError as error:
        raise _refused("upload_large") from error
    except Exception as error:  # each of Pillow's readers has its own ways to fail
        raise _refused("upload_svg" if _is_svg(path) else "upload_unknown") from error
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise _refused("upload_large")
        try:
            return _plain(ImageOps.exif_transpose(image))
        except Exception as error:
            raise _refused("upload_damaged") from error


def forget_unfinished() -> None:
    """Delete what uploads left that were broken off, which Gradio doesn't, and folders whose
    results are gone."""
    for path in Path(get_upload_folder()).glob("tmp*"):
        with suppress(OSError):  # it is gone already, or not empty
            if time.time() - path.stat().st_mtime > UNFINISHED_S:
                path.rmdir() if path.is_dir() else path.unlink()


def _uploaded(upload: object) -> Path:
    """The file that a visitor names, if it is one that was uploaded.

    Gradio checks this only where the visitor says that it is a file, by its "meta".
    """
    name = upload.get("path") if isinstance(upload, dict) else upload
    if not name:
        raise _refused("upload_none")
    try:
        path = Path(name).resolve()  # through links and ..
        inside = path.is_relative_to(Path(get_upload_folder()).resolve())
    except (TypeError, ValueError, OSError, RuntimeError):  # no name of a file at all
        inside = False
    if not inside:
        raise _refused("upload_foreign")
    if not path.is_file():
        raise _refused("upload_none")
    return path


def _plain(image: Image.Image) -> Image.Image:
    """Decode, and bring palettes, CMYK and the like to a mode that the rest understands."""
    image.load()
    if image.mode.startswith(("I", "F")):
        image.info.pop("transparency", None)  # one deep grey: convert would cut all the others
        return image.copy()
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image.copy()
    return image.convert("L" if image.mode == "1" else "RGB")


def _is_svg(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<svg" in file.read(4096).lower() or path.suffix.lower() in (".svg", ".svgz")
