"""Opens visitors' pictures; nothing else does.

The header is read first, and the picture decoded only if format and size are acceptable.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image, ImageOps

from page.server.gradio_patches import upload_folder
from page.server.quotas import QUOTAS
from page.texts import both

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_PIXELS = 8_000_000
UNFINISHED_S = 3600  # no upload takes this long
MAX_OPEN = 2  # pictures decoded at a time: one may take a hundred megabytes
# Pillow itself refuses more than twice this, while reading the header.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def _refused(why: str) -> gr.Error:
    return gr.Error(both(why), print_exception=False)  # no traceback for a visitor's mistake


_decoding = threading.BoundedSemaphore(MAX_OPEN)


@contextmanager
def open_limited(upload: dict | Path | None) -> Iterator[Image.Image]:
    """`open_upload`, with at most `MAX_OPEN` pictures open at full size; others wait."""
    with _decoding:
        yield open_upload(upload)


def open_upload(upload: dict | Path | None) -> Image.Image:
    """The first frame of a picture, right side up, ready for `ddpm.from_pil`.

    The mode is L, RGB, RGBA, or a deeper grey (I, I;16, F), which from_pil scales.

    Args:
        upload: what gr.Image sends to a listener with preprocess=False, or a path of our own.
            With preprocessing, Gradio would open the file first and answer a damaged one with
            Pillow's message.

    Raises gr.Error, worded for the visitor, if there is no file or it isn't an accepted picture.
    """
    path = upload if isinstance(upload, Path) else _uploaded(upload)
    if path.stat().st_size == 0:
        raise _refused("upload_empty")
    try:
        image = Image.open(path, formats=FORMATS)  # reads the header, decodes nothing
    except Image.DecompressionBombError as error:
        raise _refused("upload_large") from error
    except Exception as error:  # each of Pillow's readers fails in its own way
        raise _refused("upload_svg" if _is_svg(path) else "upload_unknown") from error
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise _refused("upload_large")
        try:
            return _plain(ImageOps.exif_transpose(image))
        except Exception as error:
            raise _refused("upload_damaged") from error


def delete_unfinished() -> None:
    """Delete files of interrupted uploads, which Gradio leaves behind, and empty result folders."""
    for path in upload_folder().glob("tmp*"):
        with suppress(OSError):  # already gone, or not empty
            if time.time() - path.stat().st_mtime > UNFINISHED_S:
                path.rmdir() if path.is_dir() else path.unlink()


def _uploaded(upload: Any) -> Path:
    """The path of an upload, if it lies in the upload folder.

    Gradio checks this only for data marked as a file by its "meta".
    """
    name = upload.get("path") if isinstance(upload, dict) else upload
    if not name:
        raise _refused("upload_none")
    try:
        path = Path(name).resolve()  # follows links and ..
        inside = path.is_relative_to(upload_folder().resolve())
    except (TypeError, ValueError, OSError, RuntimeError):  # not a file name at all
        raise _refused("upload_foreign") from None
    if not inside:
        raise _refused("upload_foreign")
    if not path.is_file():
        raise _refused("upload_none")
    QUOTAS.opened(path)
    return path


def _plain(image: Image.Image) -> Image.Image:
    """Decode, and convert palettes, CMYK and the like to a mode that from_pil accepts."""
    image.load()
    if image.mode.startswith(("I", "F")):
        image.info.pop("transparency", None)  # a single grey level; convert() would clip the rest
        return image.copy()
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image.copy()
    return image.convert("L" if image.mode == "1" else "RGB")


def _is_svg(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<svg" in file.read(4096).lower() or path.suffix.lower() in (".svg", ".svgz")
