"""The Noise tab: the forward process under several schedules, blended in the browser.

Python sends x_0, ε and each schedule's tables; noise.js draws every t from them by itself.
"""

from __future__ import annotations

import base64
import inspect
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import torch
from PIL import Image
from torch import Tensor

import ddpm
from ddpm.data import fashion_mnist, to_float
from tabs import journal, link, mismatch
from tabs.checks import MAX_SEED, check_choices, check_flag, check_whole
from tabs.exact import exact_eps
from tabs.mismatch import MAX_T, MIN_T, is_noise, signal_left
from tabs.texts import both, script_words, text
from tabs.upload import open_upload

HERE = Path(__file__).parent
CAT = HERE / "examples" / "cat.jpg"
MAX_SIZE = 128  # pixels a side; what is smaller is shown as it is
EPS_STEP = 1 / 4096  # ε travels as int16: at most 1/8192 off, 0.016 of 255 grey levels
GIF_FRAMES = 30
EXAMPLES = (1, 3, 7, 8, 9)  # classes of Fashion-MNIST whose outlines differ most


def picture(image: dict | Path | None, seed: int) -> dict:
    """x_0 and the ε of this seed, pixel by pixel, for noise.js: changes with the picture."""
    x_start, eps = _start_and_noise(image, seed)
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


def tables(T: int, schedules: list[str], notebook: bool) -> list[dict]:
    """β, ᾱ and log-SNR of each schedule, for noise.js: changes with the settings."""
    rows = []
    for name, schedule in _named(T, schedules, notebook).items():
        columns = {key: getattr(schedule, key) for key in ("betas", "alphas_cumprod", "log_snr")}
        rows.append(
            {key: _base64(column.numpy(), "<f4") for key, column in columns.items()}
            | {"name": name, "T": schedule.T, "notebook": notebook}
            | {"left": signal_left(schedule), "is_noise": is_noise(schedule)}
        )
    return rows


def forward_gif(
    image: dict | Path | None, seed: int, T: int, schedules: list[str], notebook: bool
) -> Iterator[gr.Image]:
    """The forward process as a GIF: the chosen schedules from left to right, same noise.

    Args:
        image: a picture file, of at most 20 MB and 8 megapixels.
        seed: of the noise ε, a whole number from 0 to 2147483647.
        T: the number of time steps, from 10 to 1000.
        schedules: which ones, out of linear, quadratic, cosine and sigmoid.
        notebook: true keeps β from 0.0001 to 0.02 whatever T is, so that noise is not reached.

    Returns:
        the GIF, of at most 30 frames from t = 0 to T - 1: {"value": path}
    """
    x_start, eps = _start_and_noise(image, seed)
    chosen = _named(T, schedules, notebook)
    if not chosen:
        raise gr.Error(both("noise_js_none"))
    with journal.entry("forward_gif", T=T, schedules=schedules, notebook=notebook, seed=seed):
        frames = _forward(x_start, eps, chosen)
    with tempfile.TemporaryDirectory() as folder:  # gradio copies what it serves to its cache
        path = Path(folder) / f"forward-{'-'.join(chosen)}-T{T}-seed{seed}.gif"
        ddpm.save_gif(frames, path, scale=max(1, MAX_SIZE // x_start.shape[-1]))
        yield gr.Image(str(path), visible=True)


def _forward(x_start: Tensor, eps: Tensor, chosen: dict[str, ddpm.Schedule]) -> list[Image.Image]:
    """x_t under each schedule, side by side, at some times of all."""
    T = next(iter(chosen.values())).T
    frames = []
    for t in torch.linspace(0, T - 1, min(T, GIF_FRAMES)).long():
        x_t = torch.cat(
            [ddpm.q_sample(schedule, x_start, t[None], eps) for schedule in chosen.values()]
        )
        frames.append(ddpm.to_pil(ddpm.make_grid(x_t, len(chosen))))
    return frames


def _new_picture(image: dict | Path | None, seed: int | None):
    """Nothing while a field is being emptied: what is on the page may stay."""
    return gr.skip() if image is None or seed is None else picture(image, seed)


def _new_tables(T: int | None, schedules: list[str], notebook: bool):
    if T is None or (isinstance(T, int) and T < MIN_T):
        return gr.skip()  # the first digits of a longer number; leaving the field mends it
    return gr.HTML(tables=tables(T, schedules, notebook))


def _opened_by_link(request: gr.Request) -> list:
    """The settings that the address tells, for a page that has just been opened."""
    said = link.read(request.query_params)
    return [said.get(name, gr.skip()) for name in ("T", "schedules", "notebook", "seed")]


def _start_and_noise(image: dict | Path | None, seed: int) -> tuple[Tensor, Tensor]:
    """x_0 (1, C, size, size) and ε like it. Grey stays grey, small pictures stay small."""
    check_whole("seed", seed, 0, MAX_SEED)
    opened = open_upload(image)
    channels = 3 if opened.mode.startswith("RGB") else 1
    x_start = ddpm.from_pil(opened, min(MAX_SIZE, *opened.size), channels)[None]
    return x_start, ddpm.randn_like(x_start, torch.Generator().manual_seed(seed))


def _named(T: int, schedules: list[str], notebook: bool) -> dict[str, ddpm.Schedule]:
    check_whole("noise_T", T, MIN_T, MAX_T)
    check_choices("noise_schedules", schedules, ddpm.SCHEDULES)
    check_flag("noise_notebook", notebook)
    return {name: ddpm.Schedule.named(name, T, rescale=not notebook) for name in schedules}


def _base64(values: np.ndarray, dtype: str) -> str:
    return base64.b64encode(values.astype(dtype).tobytes()).decode()


def _garments() -> list[Image.Image]:
    """The first test image of some classes, from the subset that ships with the code."""
    images, labels = fashion_mnist("test", source="shipped")
    firsts = [(labels == label).nonzero()[0].item() for label in EXAMPLES]
    return [ddpm.to_pil(to_float(images[first])) for first in firsts]


def _script() -> str:
    """curves.js and noise.js, with their sentences in both languages in front."""
    script = "\n".join((HERE / name).read_text("utf-8") for name in ("curves.js", "noise.js"))
    examples = json.dumps(["noise_example_cat", *(f"class_{label}" for label in EXAMPLES)])
    words = script_words("noise_js_", "schedule_", "noise_example_", "class_")
    return f"{words}const EXAMPLES = {examples};\n{script}"


def build() -> tuple[gr.Image, gr.Button]:
    """The tab's components and events. Returns the picture, and the button that denoises it."""
    with gr.Tab(text("noise_tab"), id="noise", elem_id="noise-tab"):
        gr.Markdown(text("noise_intro"))
        with gr.Row():
            with gr.Column(
                scale=1, min_width=280, elem_id="noise-settings", elem_classes="settings"
            ):
                image = gr.Image(
                    CAT,
                    type="filepath",
                    image_mode=None,
                    label=text("noise_image"),
                    sources=["upload", "webcam", "clipboard"],
                    height=220,
                    format="png",  # the examples below, not lossy
                    elem_id="noise-image",
                )
                examples = gr.Examples(
                    [[CAT], *([garment] for garment in _garments())],
                    image,
                    label=text("noise_examples"),
                    elem_id="noise-examples",
                    api_visibility="private",
                )
                schedules = gr.CheckboxGroup(
                    [(text(f"schedule_{name}"), name) for name in ddpm.SCHEDULES],
                    value=list(ddpm.SCHEDULES),
                    label=text("noise_schedules"),
                    elem_id="noise-schedules",
                )
                T = gr.Slider(
                    MIN_T,
                    MAX_T,
                    value=200,
                    step=1,
                    precision=0,
                    label=text("noise_T"),
                    elem_id="noise-T",
                )
                notebook = gr.Checkbox(
                    label=text("noise_notebook"),
                    info=text("noise_notebook_info"),
                    elem_id="noise-notebook",
                )
                seed = gr.Number(
                    value=0,
                    precision=0,
                    minimum=0,
                    maximum=MAX_SEED,
                    label=text("seed"),
                    info=text("noise_seed_info"),
                    elem_id="noise-seed",
                )
            with gr.Column(scale=3, min_width=320):
                view = gr.HTML(
                    value=picture(CAT, 0),
                    tables=tables(200, list(ddpm.SCHEDULES), False),
                    label=text("language"),  # how noise.js learns the page's language
                    html_template=(HERE / "noise.html").read_text("utf-8"),
                    css_template=(HERE / "noise.css").read_text("utf-8"),
                    js_on_load=_script(),
                    elem_id="noise-view",
                )
                with gr.Row():
                    make_gif = gr.Button(text("noise_make_gif"), elem_id="noise-make-gif")
                    denoise = gr.Button(text("noise_denoise"), elem_id="noise-denoise")
                gif = gr.Image(
                    format="gif",
                    visible=False,
                    interactive=False,
                    show_label=False,
                    buttons=["download", "fullscreen"],
                    elem_id="noise-gif",
                )
                mismatch.build(T, schedules, seed)
                gr.Markdown(text("noise_equation"))
                with gr.Accordion(text("show_code"), open=False):
                    for source in (ddpm.q_sample, exact_eps):
                        gr.Code(inspect.getsource(source), language="python", interactive=False)

        # preprocess=False hands an upload over unopened; numbers are then ours to check, too
        live = {
            "show_progress": "hidden",
            "trigger_mode": "always_last",
            "concurrency_limit": None,
            "preprocess": False,
            "api_visibility": "private",
        }
        source = [image, seed]
        gr.on([image.input, seed.change], _new_picture, source, view, **live)
        examples.load_input_event.success(_new_picture, source, view, **live)
        settings = [T, schedules, notebook]
        gr.on([each.change for each in settings], _new_tables, settings, view, **live)
        # without a trigger: when the page opens
        gr.on(None, _opened_by_link, None, [*settings, seed], **live)
        make_gif.click(
            forward_gif, [image, seed, *settings], gif, preprocess=False, api_name="forward_gif"
        )
    return image, denoise
