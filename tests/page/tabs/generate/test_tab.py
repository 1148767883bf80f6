"""The Generate tab without a browser: requests, sampling, films and files."""

import base64
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

import ddpm
from devtools import opening_film
from devtools.buttons import last_of
from devtools.visit import ASKED, VISITOR, in_both_languages, picture_of, visitor
from page.compute.interface import FIRST
from page.models import registry as models
from page.models.registry import Request, trajectory
from page.models.request import ANY, EACH
from page.tabs.generate import from_noise, opening
from page.tabs.generate import link as generate_link
from page.tabs.generate import tab as generate_tab
from page.tabs.noise.tab import CAT
from page.widgets.film import scrubber
from page.widgets.sketch_pad import pad


def last_pictures(**changes) -> torch.Tensor:
    return last_of(models.chosen(None, "shipped"), **ASKED | changes)


def sample(visit=VISITOR, **changes):
    """What "Draw" shows, from noise."""
    return generate_tab.sample(visit, None, "shipped", **ASKED | changes)


def test_each_class_in_turn_is_that_of_a_pictures_seed():
    """Alone too; a program draws the same, and a sketch is of a class already."""
    drawn = last_pictures(label=EACH, count=12, seed=8)
    model = models.chosen(None, "shipped")
    schedule = ddpm.Schedule.named("cosine", 1000)
    asked = {"sampler": "ddim", "steps": 5, "schedule": schedule, "seed": 8}
    torch.testing.assert_close(drawn, ddpm.sample(model, 12, labels=[8, 9, *range(10)], **asked))
    alone = last_pictures(label=EACH, count=1, seed=13)
    torch.testing.assert_close(alone, drawn[5:6], atol=0.02, rtol=0)
    request = Request(**ASKED | {"label": EACH, "count": 12, "seed": 8})
    assert "labels = [k % 10 for k in range(8, 20)]" in request.kind.program(request, model, None)
    sketch = base64.b64encode(bytes(pad.SIZE**2)).decode()
    assert request.kind.suited(replace(request, picture=sketch), model).label == ANY
    *_, (_, png, _) = sample(label=EACH)
    assert Path(png.value["path"]).name.startswith("each-ddim")


def test_a_run_streams_frames_then_files():
    *streamed, (last, png, gif) = sample()
    film = streamed[-1][0]
    assert streamed[0][0]["calls"] == 0 and len(streamed[0][0]["frames"]) == 1
    assert (film["calls"], film["steps"], film["doubled"]) == (5, 5, False)
    assert [frame["step"] for frame in film["frames"]] == [0, 1, 2, 3, 4, 5]
    assert [frame["t"] for frame in film["frames"]] == [999, 799, 599, 399, 199, None]
    assert "frames" not in last  # Gradio sends the last update twice
    assert Path(png.value["path"]).name == "sneaker-ddim-5-steps-seed-0.png"
    sizes = [Image.open(button.value["path"]).size for button in (png, gif)]
    assert sizes == [(806, 806)] * 2  # 62 pixels, enlarged 13 times
    assert Image.open(gif.value["path"]).n_frames == 6


def test_a_png_shows_whole_pixels():
    """At least 800 wide, also one picture alone and rows that are not full."""
    for count, size in ((1, (28, 28)), (2, (32, 62)), (64, (242, 242))):
        *_, (_, png, _) = sample(count=count, steps=1)
        picture = Image.open(png.value["path"])
        scale = picture.width // size[0]
        assert picture.width >= 800 and picture.size == (size[0] * scale, size[1] * scale)
        enlarged = picture.reduce(scale).resize(picture.size, Image.Resampling.NEAREST)
        assert enlarged.tobytes() == picture.tobytes()


def test_files_carry_the_link_that_draws_them_again():
    """Unless none does; and of the page's address what the browser says, without a query."""
    visit = visitor("linked")
    visit.headers = {"referer": "https://someone.hf.space/page?__sign=secret"}
    asked = ASKED | {"steps": 2, "seed": 3}
    *_, (_, png, gif) = sample(visit, **asked)
    link = "generate?v=1&label=7&count=4&sampler=ddim&steps=2&seed=3"
    png, gif = (Image.open(each.value["path"]) for each in (png, gif))
    assert png.info["Comment"] == f"https://someone.hf.space/page#{link}"
    assert gif.info["comment"].decode() == png.info["Comment"]
    system = models.chosen(None, "shipped")
    made = generate_link.made(Request(**asked), system)
    assert (made["link"], made["label"], made["words"]) == (link, "Sneaker", None)
    sketch = base64.b64encode(bytes(28 * 28)).decode()
    assert generate_link.made(Request(**asked, picture=sketch), system)["link"] is None


def test_the_opening_film_is_the_shipped_models():
    """A run of today, but for the loss of compression."""
    film, run = opening.film(), opening_film.drawn()
    assert opening.FILE.stat().st_size <= 60_000
    assert len(film["frames"]) == len(run.frames) and film["steps"] == run.steps
    for seen, drawn in zip(film["frames"], run.frames, strict=True):
        assert (seen["step"], seen["t"]) == (drawn["step"], drawn["t"])
        seen, drawn = (
            np.asarray(picture_of(frame["x_start"]).convert("LA")).astype(int)
            for frame in (seen, drawn)
        )
        assert (seen[..., 1] == drawn[..., 1]).all()  # the transparent gaps
        shown = drawn[..., 1] > 0
        assert np.abs(seen - drawn)[shown].mean() < 6


@pytest.mark.parametrize(("steps", "count"), [(1000, 1), (1000, 16), (200, 64), (1, 64)])
def test_a_film_has_both_ends_and_a_limited_size(steps, count):
    film = scrubber.Film(torch.zeros(count, 1, 2, 2), 999, steps)
    for i in range(steps):
        x = torch.zeros(count, 1, 2, 2)
        film.add(ddpm.Step(i, 999 - i * 999 // steps, x, x))
    shown = [frame["step"] for frame in film.frames]
    assert shown[0] == 0 and shown[-1] == steps and shown == sorted(set(shown))
    assert len(shown) <= 60 and len(shown) * count <= max(1280, 2 * count)
    assert len(film.pictures) == len(shown)


SHIRT = torch.full((1, 28, 28), -1.0)
SHIRT[:, 4:26, 8:20] = SHIRT[:, 5:9, 3:25] = 0.3


def from_shirt(noise, **changes) -> tuple[torch.Tensor, list[ddpm.Step]]:
    asked = ASKED | {"label": -1, "steps": 10, "picture": pad.write(SHIRT), "noise": noise}
    x, run = trajectory(models.chosen(None, "shipped"), Request(**asked | changes))
    return x, list(run)


def test_a_run_from_a_picture_starts_from_the_noised_picture():
    """x_t of SDEdit in closed form, with the seed's own noise; a small t keeps the picture."""
    schedule = models.chosen(None, "shipped").schedule
    seeds = [torch.Generator().manual_seed(k) for k in range(4)]
    eps = ddpm.randn_like(torch.empty(4, 1, 28, 28), seeds)
    for noise in (100, 500):
        x, steps = from_shirt(noise)
        shirts, t = SHIRT.expand(4, -1, -1, -1), torch.tensor([noise] * 4)
        expected = ddpm.q_sample(schedule, shirts, t, eps)
        assert torch.allclose(x.cpu(), expected, atol=0.01)
        assert steps[0].t == noise and len(steps) == 10
    kept, lost = [(from_shirt(noise)[1][-1].x.cpu() - SHIRT).abs().mean() for noise in (100, 990)]
    assert kept < 0.1 < lost


def test_a_run_has_no_more_steps_than_times():
    assert [step.t for step in from_shirt(3)[1]] == [3, 2, 1, 0]
    *_, (film, _, _), _ = sample(steps=1000, picture=pad.write(SHIRT), noise=3)
    assert film["steps"] == 4 and film["frames"][0]["t"] == 3


def test_the_pad_keeps_a_drawing_and_refuses_anything_else():
    drawing = torch.randint(0, 256, (1, 28, 28), generator=torch.Generator().manual_seed(0))
    assert (ddpm.to_uint8(pad.read(pad.write(drawing / 127.5 - 1))) == drawing).all()
    for wrong, says in (("", "empty"), (None, "empty"), ("AAAA", "28"), ("é", "28"), ([1], "28")):
        with pytest.raises(gr.Error, match=says):
            pad.read(wrong)
        with pytest.raises(gr.Error, match=says):
            next(sample(picture=wrong or "", noise=500))


def test_a_photo_becomes_what_the_network_knows(tmp_path):
    """A garment of the data set, large and tinted on a striped wall with a shadow, is cut out, on
    black, and as large as it was; of Fashion-MNIST's own kind it stays as it is, bit for bit."""
    images, labels = ddpm.fashion_mnist("test", source="shipped")
    rng = np.random.default_rng(0)
    for label in (0, 1, 3, 9):
        garment = images[labels == label][2, 0].numpy()
        Image.fromarray(garment).save(path := tmp_path / "own.png")
        assert (ddpm.to_uint8(pad.read(pad.from_upload(path)))[0].numpy() == garment).all()
        large = Image.fromarray(garment).resize((560, 560), Image.Resampling.LANCZOS)
        wall = np.full((800, 1000, 3), (205, 196, 182)) + rng.normal(0, 4, (800, 1000, 1))
        wall[:, ::40] -= 12
        photo = Image.fromarray(wall.clip(0, 255).astype(np.uint8))
        mask = ImageOps.invert(large.point(lambda v: 0 if v > 40 else 255))
        photo.paste(ImageOps.colorize(ImageOps.invert(large), (20, 40, 90), (120, 130, 160)),
                    (250, 120), mask)  # fmt: skip
        photo.save(path := tmp_path / "photo.png")
        x = ddpm.to_uint8(pad.read(pad.from_upload(path)))[0].numpy()
        rows, columns = np.flatnonzero((x > 40).any(1)), np.flatnonzero((x > 40).any(0))
        assert max(np.ptp(rows), np.ptp(columns)) >= 26
        inside, outside = x[garment > 100], x[garment == 0]
        assert np.median(inside) > 90 and (outside > 40).mean() < 0.2, label


def test_a_photo_of_nothing_is_refused_in_words(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    for picture in (Image.new("RGB", (300, 200), "white"), Image.fromarray(noise)):
        picture.save(path := tmp_path / "nothing.png")
        with pytest.raises(gr.Error, match="Nothing stands out") as refused:
            pad.from_upload(path)
        assert in_both_languages(refused.value.message)


@pytest.mark.parametrize("schedule", ddpm.SCHEDULES)
def test_denoise_from_here_matches_the_log_snr(schedule, monkeypatch):
    """The Noise tab's log-SNR, found by a search of the table; the cat there is no garment, so
    that one takes its place."""
    log_snr = ddpm.Schedule.named("linear", 200).log_snr[90].item()
    images, _ = ddpm.fashion_mnist("train", source="shipped")
    with Image.open(CAT) as cat:
        own = cat.convert("RGB").tobytes()
    said = []
    monkeypatch.setattr(gr, "Info", said.append)
    drawn, t, _, tabs, _ = from_noise.from_noise_tab(CAT, log_snr, schedule, own)
    assert (ddpm.to_uint8(pad.read(drawn)) == images[from_noise.GARMENT]).all()
    assert in_both_languages(said[0])
    table = ddpm.Schedule.named(schedule, 1000).log_snr
    assert t == (table - log_snr).abs().argmin()
    assert pad.read(drawn).shape == (1, 28, 28) and tabs.selected == "generate"
    assert not isinstance(from_noise.from_noise_tab(CAT, None, schedule)[1], int)
    for wrong in (True, 10**400, float("nan"), "1"):
        with pytest.raises(gr.Error, match="from -100 to 100"):
            from_noise.from_noise_tab(CAT, wrong, schedule)


@pytest.mark.slow
def test_every_schedule_and_sampler_draws_the_class():
    """One checkpoint under any schedule: most of its pictures are of the requested class. Each
    schedule has one of the samplers, and each sampler several schedules."""
    from ddpm.evaluation.frechet import features_and_logits, load_classifier

    classifier = load_classifier(FIRST.with_name("classifier.safetensors"))
    for schedule, sampler in zip(ddpm.SCHEDULES, cycle(ddpm.SAMPLERS), strict=False):
        steps = {"ddpm": 50, "dpm_solver": 12, "deis": 12}.get(sampler, 20)
        x = last_pictures(
            label=1, count=4, schedule=schedule, sampler=sampler, steps=steps, guidance=2.0
        )
        _, logits = features_and_logits(ddpm.to_uint8(x.cpu()), classifier)
        assert (logits.argmax(1) == 1).sum() >= 3, (schedule, sampler)


def test_a_bad_checkpoint_is_named(tmp_path, monkeypatch):
    """Missing or damaged weights give a message, and a repaired file works at once."""
    good = FIRST
    path = tmp_path / "fashion_mnist.safetensors"
    monkeypatch.setattr(models.KINDS["shipped"], "file", path)
    with pytest.raises(gr.Error, match=r"fashion_mnist\.safetensors: there is no such"):
        next(sample())
    path.write_bytes(good.read_bytes()[:100_000])
    with pytest.raises(gr.Error, match="not a whole safetensors file"):
        next(sample())
    path.write_bytes(good.read_bytes())
    assert next(sample())


def test_a_trained_model_whose_file_is_gone_is_refused(tmp_path):
    with pytest.raises(gr.Error, match="has been deleted"):
        models.chosen(str(tmp_path / "trained.safetensors"), "trained")


def test_a_trained_model_is_drawn_from_under_its_own_schedule(tmp_path):
    """Whatever was chosen before; and the list has it, which else has names alone."""
    own = "drawn~0_9~1_-9~zero_terminal"
    checkpoint = models.chosen(None, "shipped")
    diffusion = replace(checkpoint.config.diffusion, schedule=own)
    trained = replace(checkpoint, config=replace(checkpoint.config, diffusion=diffusion))
    updates = generate_tab.with_trained(trained, "ddim", 10)
    by_hand = generate_tab.own_schedule("trained", trained)
    for schedule in (updates[-5], by_hand):
        assert schedule.value == own and own in [value for _, value in schedule.choices]
    assert updates[0] == "trained" and generate_tab.own_schedule("shipped", trained) == gr.skip()
