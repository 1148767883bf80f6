"""Opens a visitor's picture, in a process that may be killed for it.

Of libraries it imports Pillow alone, so that a worker starts at once and costs little memory.
"""

import os
import signal
import sys
import warnings

from PIL import Image, ImageOps

from page.server.files import picture_checks
from page.server.files.picture_checks import FORMATS, Unacceptable
from page.server.machine.memory import trim

if sys.platform != "win32":
    import resource

SIDE = 1024  # pixels; pictures with more than SIDE × SIDE are cut to their square and reduced
Picture = tuple[str, tuple[int, int], bytes]  # mode, size and pixels


def start(memory: int) -> None:
    """Prepare this process: it may take `memory` bytes more than now, and writes nothing."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = picture_checks.MAX_JPEG_PIXELS  # twice this raises an error
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):  # libtiff writes to them
        os.dup2(nowhere, output)
    if sys.platform == "win32":
        return
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # ends a worker that is deep in a C function
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[5])  # of data: what glibc may use, not what it reserves
        limit = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def open_picture(path: str, cpu_s: float, wall_s: float) -> Picture | str:
    """The first frame, right side up, in a mode that `ddpm.from_pil` accepts; or why not, the end
    of a text key. After `cpu_s` seconds of work, or `wall_s` of any kind, the process dies.
    """
    _die_after(cpu_s, wall_s)
    try:
        return read(path)
    except Unacceptable as error:
        return error.why
    except MemoryError:
        return "memory"
    except OSError:  # deleted meanwhile
        return "none"
    finally:
        _die_after(0, 0)  # before the answer is sent: the workers share a pipe
        trim()  # or it would keep what its largest picture took


def _die_after(cpu_s: float, wall_s: float) -> None:
    """By the signals' default action, which stops C functions too. 0: no longer."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, cpu_s)  # RLIMIT_CPU knows whole seconds only
        signal.setitimer(signal.ITIMER_REAL, wall_s)


def read(path: str) -> Picture:
    """The picture, in this process. Raises Unacceptable."""
    with open(path, "rb") as file:
        picture_checks.check_file(file)
        file.seek(0)
        try:
            image = Image.open(file, formats=FORMATS)  # reads the header, decodes nothing
        except Image.DecompressionBombError as error:
            raise Unacceptable("large") from error
        except MemoryError:
            raise
        except Exception as error:  # each of Pillow's readers fails in its own way
            raise Unacceptable("svg" if _is_svg(path) else "unknown") from error
        with image:
            picture_checks.check_open(image)
            try:
                if _is_large(image):  # a JPEG is decoded at a half to an eighth
                    image.draft(None, (SIDE // 2, SIDE // 2))
                image.load()
                picture_checks.check_open(image)  # a PNG may have metadata behind its pixels
                ImageOps.exif_transpose(image, in_place=True)
                picture = _reduced(_plain(image))
            except (MemoryError, Unacceptable):
                raise
            except Exception as error:
                raise Unacceptable("damaged") from error
            return picture.mode, picture.size, picture.tobytes()


def _is_large(image: Image.Image) -> bool:
    return image.width * image.height > SIDE * SIDE


def _plain(image: Image.Image) -> Image.Image:
    """Convert palettes, CMYK and the like to L, RGB, RGBA, or keep a deeper grey: I, I;16, F."""
    if image.mode.startswith(("I", "F")):
        return image  # a single transparent grey is ignored: convert() would clip the rest
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _reduced(image: Image.Image) -> Image.Image:
    """The picture itself up to SIDE × SIDE pixels. Of a larger one, the square in its middle, each
    of whose at most SIDE × SIDE pixels is the mean of several.
    """
    if not _is_large(image):
        return image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    if square.mode.startswith("I;16"):
        square = square.convert("I")  # the same numbers; reduce() has no 16 bits
    return square.reduce(-(-side // SIDE))


def _is_svg(path: str) -> bool:
    with open(path, "rb") as file:
        return b"<svg" in file.read(4096).lower() or path.lower().endswith((".svg", ".svgz"))
