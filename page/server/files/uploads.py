"""Opens visitors' pictures; nothing else does. They are decoded in other processes, which may be
killed for it: picture_pool.py."""

from pathlib import Path
from typing import Any

from PIL import Image

from page.server.files import picture_pool
from page.server.files.picture_checks import Unacceptable
from page.server.patches.gradio_patches import sender_address, upload_folder
from page.server.patches.gradio_uploads import UPLOADS
from page.texts import Refusal

MAX_PATH = 4096  # characters: no system has a longer one, and to resolve one takes their square


def open_upload(upload: dict | Path | None) -> Image.Image:
    """The first frame of a picture, right side up, ready for `ddpm.from_pil`.

    The mode is L, RGB, RGBA, or a deeper grey (I, I;16, F), which from_pil scales. A picture of
    more than a megapixel is cut to the square in its middle, which from_pil takes, and reduced to
    512 to 1024 pixels a side.

    Args:
        upload: what gr.Image sends to a listener with preprocess=False, or a path of our own.
            With preprocessing, Gradio would open the file first and answer a damaged one with
            Pillow's message.

    Raises Refusal if there is no file or it isn't an accepted picture.
    """
    path = upload if isinstance(upload, Path) else uploaded(upload)
    if path.stat().st_size == 0:
        raise Refusal("upload_empty")
    try:
        return picture_pool.open_picture(path, sender_address())
    except Unacceptable as error:
        raise Refusal(f"upload_{error.why}") from error


def uploaded(upload: Any) -> Path:
    """The path of an upload, if it lies in the upload folder.

    Gradio checks this only for data marked as a file by its "meta".
    """
    name = upload.get("path") if isinstance(upload, dict) else upload
    if not name:
        raise Refusal("upload_none")
    try:
        if len(str(name)) > MAX_PATH:
            raise ValueError
        path = Path(name).resolve()  # follows links and ..
        path.relative_to(upload_folder().resolve())  # ValueError if it is elsewhere
    except (TypeError, ValueError, OSError, RuntimeError):  # not a file name at all
        raise Refusal("upload_foreign") from None
    if not path.is_file():
        raise Refusal("upload_none")
    UPLOADS.used(path)
    return path
