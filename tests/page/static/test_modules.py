"""The static edition's modules against what they stand for in Python, in one process of Node."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import ddpm
from ddpm.config import Config, DistillConfig
from ddpm.schedules.schedule import is_schedule
from page.models.request import ANY, EACH
from page.static import known
from page.tabs.generate import link as generate_link
from page.tabs.generate.plane import plane
from page.tabs.noise import link as noise_link
from page.tabs.noise.drawing import drawing
from page.tabs.noise.forward import picture, tables
from page.widgets import links

CASES = Path(__file__).parent / "cases.mjs"
DRAWN = "drawn~0_12~0.4_1.5~1_-9"
WRITTEN: list[tuple[links.Linked, dict[str, Any]]] = [
    (noise_link.LINKED, {"T": 200, "t": 60, "schedules": ["linear"], "hidden": []}),
    (noise_link.LINKED, {"T": 50, "t": 49, "notebook": True, "hidden": ["drawn", "edm"],
                         "schedules": ["cosine", DRAWN], "seed": 2**31 - 1}),
    (noise_link.LINKED, {"T": 50, "t": 15, "zero_terminal": True, "schedules": []}),
    (generate_link.DRAWING, {"model": "shipped", "label": 7, "guidance": 1.5, "steps": 20,
                             "schedule": "rectified_flow~shift_3", "sampler": "ddim"}),
    (generate_link.DRAWING, {"model": "student", "steps": 1, "count": 4, "seed": 7}),
    (generate_link.COMPARING, {"axis": "steps", "across": "sampler", "schedules": [DRAWN],
                               "model": "shipped"}),
    (generate_link.WALKING, {"x": 0.125, "y": 1.0, "corners": "classes", "corner_0": 9}),
    (plane.LINKED, {"cloud": "spiral", "calls": 7, "guide": "class", "scale": 1.5}),
]  # fmt: skip
READ = [
    (noise_link.LINKED, "v=1&T=5&seed=x&schedules=cosine,none,cosine&notebook=true&hidden="),
    (noise_link.LINKED, f"v=1&T=1000&t=999&schedules={DRAWN},linear&zero_terminal=1"),
    (generate_link.DRAWING, "v=1&label=-1&guidance=1e0&steps=1001&count=%31%36"),
    (generate_link.WALKING, "x=0.5&y=2&corner_3=-1&corner_1=0&label=-1&tour=3"),
    (generate_link.COMPARING, "v=1&axis=guidance&across=none&schedules="),
]
SCHEDULES = [
    *ddpm.SCHEDULES, DRAWN, "rectified_flow~shift_3", "cosine~zero_terminal", "linear~zero",
    "edm~input_scale_0.5", "edm~input_scale_3", "drawn~0_12", "drawn~0_1~0.00005_0",
    "drawn~0.5_1~0.2_0", "drawn~0_1~1_2", "drawn~0_31~1_-9", "drawn~0_x~1_-9", "cosine~0_1", "",
    "nothing", "drawn~0_12~1_-9~zero_terminal~shift_2", "cosine~shift_2", "drawn~0_1٣~1_0",
]  # fmt: skip
TABLES = [
    {"T": T, "names": names, "notebook": notebook, "zero": zero}
    for T, names, notebook, zero in [
        (200, ["linear", "quadratic", "cosine", "sigmoid"], False, False),
        (10, ["edm", "laplace"], False, True), (1000, ["linear", "rectified_flow"], True, False),
    ]
]  # fmt: skip
RUNS = [
    {"sampler": sampler, "steps": steps, "schedule": schedule, "guidance": scale, "label": label}
    for sampler, steps, schedule, scale, label in [
        ("dpm_solver", 10, "cosine", 1, -1), ("ddim", 7, "linear", 2.5, 2),
        ("dpm_solver", 5, "rectified_flow~shift_3", 0, 1), ("ddim", 100, "cosine", 1, 0),
        ("consistency", 2, "cosine", 1, 2), ("consistency", 4, "cosine", 1, -1),
        ("ddpm", 12, "cosine", 1, 1), ("ddpm", 6, "linear", 2, 0), ("deis", 8, "cosine", 2, 2),
        ("dpm_solver", 8, "cosine", 2, EACH), ("dpm_solver", 3, "cosine", 2, 1),
        ("dpm_solver", 3, "cosine", 1, 1), ("dpm_solver", 3, "cosine", 2, -1),
        ("dpm_solver", 3, "linear", 1, 1), ("ddim", 3, "cosine", 1, 1),
    ]
]  # fmt: skip
OWN = {  # by sampler: what was found for the model, for its own schedule alone
    "consistency": {
        "sampling": {
            "sampler": "consistency",
            "times": {"2": [999, 500]},
            "contrast": {"2": 1.5, "4": 2},
            "temperature": {"2": 1.1, "4": 2},
        }
    },
    "dpm_solver": {"sampling": {"times": {"3": [980, 700, 90]}, "eps_scale": 1.1}},
}
CLASSES, COUNT, SEED = 3, 5, 11
GRIDS = [(torch.rand(n, 1, 4, 4, generator=torch.Generator().manual_seed(n)) * 2.4 - 1.2)
         for n in (1, 5, 16)]  # fmt: skip
FRAMES = np.random.default_rng(0).integers(0, 256, (3, 70, 90)).astype(np.uint8)
FRAMES[1, 20:] = FRAMES[0, 0, 0]  # noise fills the table of codes; a level area makes long ones
WEB_SAFE = np.stack(np.meshgrid(*3 * [np.arange(0, 256, 51)]), axis=-1).astype(np.uint8)
COLOURED = [  # no more colours than a palette has, and many more: level ones, and noise
    WEB_SAFE.reshape(12, 18, 3),
    np.stack([*np.indices((70, 90)), FRAMES[2] // 8], axis=-1).astype(np.uint8),
    np.stack(FRAMES, axis=-1),
]


def settings_of(linked: links.Linked) -> list[dict]:
    return known.place_of(linked)["settings"]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("picture") / "small.png"
    Image.fromarray(FRAMES.transpose(1, 2, 0)[:31, :31]).save(file)
    return file


COMMENT = f"https://a.b/#noise?v=1&schedules=drawn~{'0.5_1.5~' * 60}"  # longer than a block of GIF


@pytest.fixture(scope="module")
def answers(in_node, small) -> dict[str, list]:
    pixels = np.array(Image.open(small))
    known = {"limits": drawing.LIMITS, "known": [*ddpm.SCHEDULES]}
    cases = [
        *({"run": "write", "place": linked.place, "settings": settings_of(linked), "values": values,
           "usual": linked.changed_defaults(values)} for linked, values in WRITTEN),
        *({"run": "read", "query": query, "settings": settings_of(linked)}
          for linked, query in READ),
        {"run": "schedules", "texts": SCHEDULES},
        *({"run": "tables"} | case | known for case in TABLES),
        *({"run": "noise", "size": 31, "channels": channels, "seed": SEED,
           "levels": pixels[..., :channels].flatten().tolist()} for channels in (1, 3)),
        *({"run": "grid", "x": x.flatten().tolist(), "count": len(x), "side": 4} for x in GRIDS),
        {"run": "gif", "seconds": 4, "comment": COMMENT, "frames": [
            {"width": 90, "height": 70, "greys": frame.flatten().tolist()} for frame in FRAMES]},
        *({"run": "palette", "width": rgb.shape[1], "height": rgb.shape[0],
           "pixels": np.array(Image.fromarray(rgb).convert("RGBA")).flatten().tolist()}
          for rgb in COLOURED),
        {"run": "png", "comment": COMMENT, "png": base64.b64encode(small.read_bytes()).decode()},
        *({"run": "film", "count": COUNT, "request": each | {"seed": SEED, "classes": CLASSES,
           "info": OWN.get(each["sampler"], OWN["dpm_solver"])}} for each in RUNS),
    ]  # fmt: skip
    return in_node(CASES, cases)


def test_links_of_one_edition_open_in_the_other(answers):
    for (linked, values), text in zip(WRITTEN, answers["write"], strict=True):
        opened = links.read(text, [linked])
        assert (opened.wrong, opened.unknown) == ([], False), text
        assert opened.values == linked.defaults(values) | _tuples(values), text
        assert set(text.split("&")) >= set(linked.write(values).split("&")), text
    for (linked, query), found in zip(READ, answers["read"], strict=True):
        expected = links.read(f"{linked.place}?{query}", [linked], beside=["tour"])
        assert linked.defaults(found["values"]) | _tuples(found["values"]) == expected.values, query
        assert sorted(found["wrong"]) == sorted(expected.wrong), query
    (known,) = answers["schedules"]
    assert known == [is_schedule(text) for text in SCHEDULES]


def _tuples(values: dict) -> dict:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


def test_tables_and_noise_are_pythons(answers, small):
    def numbers(text: str) -> Tensor:
        return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32)

    for case, found in zip(TABLES, answers["tables"], strict=True):
        rows = tables(case["T"], case["names"], case["notebook"], case["zero"])
        for row, own in zip(rows, found["rows"], strict=True):
            for key in ("betas", "alphas_cumprod", "log_snr"):
                torch.testing.assert_close(numbers(own[key]), numbers(row[key]), rtol=1e-5,
                                           atol=1e-6)  # fmt: skip
            for key in ("name", "color", "T", "is_noise", "is_exact"):
                assert own[key] == row[key], (case, key)
            assert own["left"] == pytest.approx(row["left"], abs=1e-6)
        starts = drawing.starts(case["T"], case["notebook"])
        for name, points in found["starts"].items():
            assert np.array(points) == pytest.approx(np.array(starts[name]), abs=2e-4), name
    value = picture(small, SEED)
    own = answers["noise"][1]
    assert {**own, "eps": ""} == {**value, "eps": ""}
    eps, expected = (np.frombuffer(base64.b64decode(each["eps"]), "<i2") for each in (own, value))
    assert np.abs(eps.astype(int) - expected).max() <= 1  # of 4096 steps


def test_a_png_keeps_its_pixels_and_gets_a_comment(answers, small):
    (text,) = answers["png"]
    ours = Image.open(io.BytesIO(base64.b64decode(text)))
    assert ours.tobytes() == Image.open(small).tobytes()  # checksums are right
    assert ours.info["Comment"] == COMMENT


def test_a_film_and_its_gif_are_pythons(answers, tmp_path):
    for x, found in zip(GRIDS, answers["grid"], strict=True):
        columns = min(10, max(1, round(len(x) ** 0.5)))
        expected = ddpm.to_uint8(ddpm.make_grid(x, columns))[0]
        assert (found["height"], found["width"]) == tuple(expected.shape)
        off = (torch.tensor(found["greys"]) - expected.flatten().int()).abs()
        assert off.max() <= 1  # halves are rounded to even numbers there
    ddpm.save_gif([Image.fromarray(frame) for frame in FRAMES], tmp_path / "of_python.gif")
    (text,) = answers["gif"]
    ours = Image.open(io.BytesIO(base64.b64decode(text)))
    theirs = Image.open(tmp_path / "of_python.gif")
    assert (ours.n_frames, ours.info["loop"]) == (len(FRAMES), 0)
    assert ours.info["comment"].decode() == COMMENT
    for k, frame in enumerate(FRAMES):
        ours.seek(k)
        theirs.seek(k)
        assert ours.info["duration"] == theirs.info["duration"]
        assert (np.array(ours.convert("L")) == frame).all()


def test_the_colours_of_a_gif_are_about_as_near_as_pillows(answers):
    def off(picture: Image.Image, rgb: np.ndarray) -> float:
        return np.abs(np.array(picture.convert("RGB")).astype(int) - rgb).mean()

    for rgb, text in zip(COLOURED, answers["palette"], strict=True):
        theirs = Image.fromarray(rgb).quantize(dither=Image.Dither.NONE)  # by median cut as well
        ours = Image.open(io.BytesIO(base64.b64decode(text)))
        assert off(ours, rgb) <= 1.2 * off(theirs, rgb)
    assert off(Image.open(io.BytesIO(base64.b64decode(answers["palette"][0]))), COLOURED[0]) == 0


class Ideal(torch.nn.Module):
    """What an ideal network predicts, as ε, of normal data whose mean moves with the label."""

    num_classes, shape = CLASSES, (1, 4, 4)

    def __init__(self, schedule: ddpm.Schedule):
        super().__init__()
        self.schedule = schedule

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        acp = self.schedule.log_snr_at(t.float()).sigmoid().reshape(-1, 1, 1, 1)
        labels = torch.full((len(x),), CLASSES) if labels is None else labels
        mean = -0.4 + 0.1 * labels.reshape(-1, 1, 1, 1)
        return (1 - acp).sqrt() * (x - acp.sqrt() * mean) / (acp * 0.09 + 1 - acp)


def test_a_run_is_that_of_trajectory(answers):
    schedule = ddpm.Schedule.named("cosine", 1000)
    denoiser = ddpm.Denoiser(Ideal(schedule), schedule)
    configs = {"consistency": Config(distill=DistillConfig()), "dpm_solver": Config()}
    models = {
        sampler: ddpm.Checkpoint(denoiser, configs[sampler], schedule, own)
        for sampler, own in OWN.items()
    }
    for case, found in zip(RUNS, answers["film"], strict=True):
        steps = case["steps"]
        in_turn = [(SEED + k) % CLASSES for k in range(COUNT)]
        labels = {ANY: None, EACH: in_turn}.get(case["label"], case["label"])
        drawn = [*ddpm.trajectory(
            models.get(case["sampler"], models["dpm_solver"]), COUNT, labels=labels,
            sampler=case["sampler"], steps=steps, seed=SEED,
            guidance=case["guidance"], schedule=ddpm.Schedule.named(case["schedule"], 1000),
        )]  # fmt: skip
        assert found["times"] == [step.t for step in drawn], case
        for state, step in zip(found["states"][1:], drawn, strict=True):
            # Python's first x̂_0, in float32, is a difference of rounded numbers over 5e-5
            assert (torch.tensor(state) - step.x.flatten()).abs().max() < 2e-3, (case, step.t)
        assert found["frames"][0] == [0, drawn[0].t]
        assert found["frames"][-1] == [steps, None]
        assert len(found["frames"]) == min(60, steps + 1)
