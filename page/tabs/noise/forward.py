"""The forward process of a visitor's picture: the data that the browser blends, and a GIF."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

import ddpm
from ddpm.schedules.text_form import DRAWN, ZERO_TERMINAL, name_of
from page.server import event_log
from page.server.files import result_files
from page.server.files.picture_worker import read
from page.server.files.uploads import open_upload
from page.server.listeners.endpoints import FILE, Value, endpoint, file
from page.server.patches.gradio_patches import upload_folder
from page.tabs.noise.exact_denoiser.mismatch import is_noise, signal_left
from page.tabs.noise.link import LINKED
from page.tabs.noise.settings import SETTINGS, check
from page.texts import Refusal
from page.widgets.saved_pictures import full_link, save_gif, whole_scale

CAT = Path(__file__).parent / "examples" / "cat.jpg"
MAX_SIZE = 128  # pixels per side; smaller pictures keep their size
EPS_STEP = 1 / 4096  # ε is sent as int16: errors of at most 1/8192, 0.016 of 255 grey levels
GIF_FRAMES = 30
GIF_TEXT, GIF_LINE = 14, 22  # pixels: the size of its words, the height of their lines


def picture(image: dict | Path | None, seed: int) -> dict:
    """For noise_view.js: x_0 and this seed's ε, pixel by pixel."""
    x_start, eps = start_and_noise(image, seed)
    _, channels, _, size = x_start.shape
    by_pixel = [x[0].permute(1, 2, 0).numpy() for x in (ddpm.to_uint8(x_start), eps / EPS_STEP)]
    return {
        "size": size,
        "channels": channels,
        "seed": seed,
        "x_start": _base64(by_pixel[0], "u1"),
        "eps": _base64(by_pixel[1].round(), "<i2"),
        "eps_step": EPS_STEP,
    }


def opening_picture() -> dict:
    """The picture that the page opens with: a file of what `picture` returns, so that the page
    itself is short, or that itself where nothing can be written."""
    opening = picture(CAT, SETTINGS["seed"].default)
    file = upload_folder() / "opening" / "picture.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(opening), "utf-8")
    except OSError:  # the page can still show what needs no files
        return opening
    return {"file": f"gradio_api/file={quote(file.as_posix(), safe='/:')}"}


def tables(T: int, schedules: list[str], notebook: bool, zero_terminal: bool = False) -> list[dict]:
    """For noise_view.js: β, ᾱ and log-SNR of each named schedule."""
    rows = []
    for text, schedule in named_schedules(T, schedules, notebook, zero_terminal).items():
        columns = {key: getattr(schedule, key) for key in ("betas", "alphas_cumprod", "log_snr")}
        left = signal_left(schedule)
        rows.append(
            {key: _base64(column.numpy(), "<f4") for key, column in columns.items()}
            | {"name": name_of(text), "color": color_of(text), "T": T, "left": left}
            | {"is_noise": is_noise(schedule), "is_exact": left == 0}
        )
    return rows


def color_of(text: str) -> int:
    """The number of a schedule's colour, the same whatever else is chosen."""
    return [*ddpm.SCHEDULES, DRAWN].index(name_of(text))


def forward_gif(
    visit: gr.Request, image: dict | Path | None, seed: int, *settings
) -> Iterator[dict]:
    """The forward process as a GIF: schedules from left to right, all with the same noise."""
    yield file(gif(visit, image or CAT, seed, *settings))


def gif(
    visit: gr.Request,
    image: dict | Path | None,
    seed: int,
    T: int,
    schedules: list[str],
    notebook: bool,
    zero_terminal: bool = False,
) -> Path:
    """x_t under the chosen schedules, side by side, from t = 0 to T - 1 in at most GIF_FRAMES."""
    x_start, eps = start_and_noise(image, seed)
    chosen = named_schedules(T, schedules, notebook, zero_terminal)
    if not chosen:
        raise Refusal("noise_none")
    with event_log.entry("forward_gif", T=T, schedules=schedules, notebook=notebook, seed=seed):
        frames = _film(x_start, eps, chosen, T)
    with result_files.STORE.folder("forward_gif", visit) as folder:
        names = "-".join(map(name_of, chosen))
        path = folder / f"forward-{names}-T{T}-seed{seed}.gif"
        asked = {"T": T, "schedules": schedules, "notebook": notebook, "seed": seed}
        shown = LINKED.write(asked | {"zero_terminal": zero_terminal})
        save_gif(frames, path, full_link(visit, shown))
    return path


def add_endpoint() -> None:
    """/forward_gif"""
    picture = "picture file, at most 20 MB and 8 megapixels (JPEG 70); if omitted, a cat's photo"
    endpoint(
        forward_gif,
        "forward_gif",
        {"image": Value(picture, FILE, default=None)} | SETTINGS,
        {"gif": Value(f"file of at most {GIF_FRAMES} frames from t = 0 to T - 1", FILE)},
        concurrency_id="forward_gif",
    )


def _film(
    x_start: Tensor, eps: Tensor, chosen: dict[str, ddpm.Schedule], T: int
) -> list[Image.Image]:
    """x_t under each schedule, side by side, with the schedules' names above and t below."""
    font = ImageFont.load_default(GIF_TEXT)
    frames = []
    for t in torch.linspace(0, T - 1, min(T, GIF_FRAMES)).long():
        x_t = torch.cat([ddpm.q_sample(each, x_start, t[None], eps) for each in chosen.values()])
        pictures = ddpm.to_pil(ddpm.make_grid(x_t, len(chosen)))
        scale = whole_scale(pictures.width)
        width, height = scale * pictures.width, scale * pictures.height
        frame = Image.new(pictures.mode, (width, height + 2 * GIF_LINE), "white")
        frame.paste(pictures.resize((width, height), Image.Resampling.NEAREST), (0, GIF_LINE))
        draw = ImageDraw.Draw(frame)
        middle = GIF_LINE // 2
        for k, name in enumerate(chosen):
            place = (width * (2 * k + 1) // (2 * len(chosen)), middle)
            draw.text(place, name_of(name).capitalize(), "black", font, "mm")
        place = (width // 2, height + GIF_LINE + middle)
        draw.text(place, f"t = {t} / {T - 1}", "black", font, "mm")
        frames.append(frame)
    return frames


def start_and_noise(image: dict | Path | None, seed: int) -> tuple[Tensor, Tensor]:
    """x_0 and ε, each (1, C, size, size). Grey stays grey, small pictures stay small."""
    check(seed=seed)
    # the processes that open what others send are not there yet when the page opens with its own
    full = Image.frombytes(*read(str(CAT))) if image == CAT else open_upload(image)
    channels = 3 if full.mode.startswith("RGB") else 1
    x_start = ddpm.from_pil(full, min(MAX_SIZE, *full.size), channels)[None]
    return x_start, ddpm.randn_like(x_start, torch.Generator().manual_seed(seed))


def named_schedules(
    T: int, schedules: list[str], notebook: bool, zero_terminal: bool
) -> dict[str, ddpm.Schedule]:
    """By their text forms, which all say if the terminal SNR is zero, not only the drawn one's."""
    check(T=T, schedules=schedules, notebook=notebook, zero_terminal=zero_terminal)
    end = f"~{ZERO_TERMINAL}" if zero_terminal else ""
    texts = [text.removesuffix(end) + end for text in schedules]
    return {text: ddpm.Schedule.named(text, T, rescale=not notebook) for text in texts}


def _base64(values: np.ndarray, dtype: str) -> str:
    return base64.b64encode(values.astype(dtype).tobytes()).decode()
