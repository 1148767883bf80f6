"""The page through a real client: its endpoints, what they return and what they refuse."""

import base64
import re
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from gradio import utils
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import ddpm
from devtools import ROOT
from devtools.visit import picture_of
from page.compute import COMPUTE
from page.models import registry as models
from page.models import registry as request
from page.models.unclip import MOVES
from page.server.listeners import endpoints
from page.server.visitors import visitors
from page.tabs.generate.compare import compare
from page.tabs.noise import settings as noise_settings
from page.tabs.noise import tab as noise_tab
from page.tabs.noise.exact_denoiser import exact
from page.tabs.train import recipe


@pytest.fixture(scope="module")
def client(app_url, tmp_path_factory):
    downloads = tmp_path_factory.mktemp("downloads")
    client = Client(app_url, verbose=False, download_files=downloads, analytics_enabled=False)
    yield client
    client.close()


RETURNS = {
    "/forward_gif": ["gif"],
    "/exact_denoiser": ["result"],
    "/generate": ["pictures", "png", "gif", "progress"],
    "/finish_picture": ["pictures", "png", "gif", "progress"],
    "/compare": ["comparison"],
    "/walk": ["drawn"],
    "/train": ["report", "checkpoint"],
    "/train_pictures": ["taken"],
}
SETTINGS = {
    "/forward_gif": noise_settings.SETTINGS,
    "/exact_denoiser": noise_settings.SETTINGS | {"steps": exact.STEPS},
    "/generate": {
        name: setting
        for name, setting in request.SETTINGS.items()
        if name not in ("picture", "noise", *MOVES)  # from a picture
    },
    "/finish_picture": {
        name: setting
        for name, setting in request.SETTINGS.items()
        if name not in ("thresholding", "prior", "aug", "from_one")  # of a way from noise
    },
    "/compare": compare.SHARED,
    "/train": recipe.SETTINGS,
}
TABS = {"forward_gif": "noise", "exact_denoiser": "noise", "train": "train"}


def downloaded(client, path):
    """Whether the client downloaded the file."""
    return Path(path).is_file() and Path(path).is_relative_to(client.output_dir)


def test_only_the_public_endpoints_are_listed(client):
    api = client.view_api(return_format="dict", print_info=False)
    assert set(api["named_endpoints"]) == set(RETURNS) and not api["unnamed_endpoints"]
    for name, endpoint in api["named_endpoints"].items():
        assert endpoint["description"].endswith("."), name
        assert [value["label"] for value in endpoint["returns"]] == RETURNS[name]
        names = [value["parameter_name"] for value in endpoint["parameters"]]
        assert not [argument for argument in names if argument.startswith("param_")], name
        for value in endpoint["parameters"] + endpoint["returns"]:
            assert value["python_type"]["description"], (name, value["label"])


def test_arguments_are_the_settings_with_their_ranges(client):
    """With the field's name (T, not t), default and range."""
    api = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for endpoint, settings in SETTINGS.items():
        given = {value["parameter_name"]: value for value in api[endpoint]["parameters"]}
        assert set(settings) <= set(given), endpoint
        for name, known in settings.items():
            schema = given[name]["type"]
            one = schema["items"] if known.many else schema
            if known.choices is not None:
                # a schedule may also be a text of its own
                assert tuple(one["examples" if known.form else "enum"]) == known.choices
            else:
                assert (one.get("minimum"), one.get("maximum")) == (known.low, known.high)
            known.check(given[name]["parameter_default"])  # raises unless valid


def test_default_arguments_are_what_the_page_shows(built):
    """Programs and visitors start from the same values; but a program that names no class gets
    any, and one that names no model the first version, as they always have."""
    shown = {block.elem_id: block for block in built.blocks.values()}
    for fn in built.fns.values():
        settings = SETTINGS.get(f"/{fn.api_name}", {})
        tab = TABS.get(fn.api_name, "generate")
        given = {component.label: component.value for component in fn.inputs}
        for name in settings.keys() - {"label", "model", "picture", *MOVES}:  # no slider is at None
            control = shown[f"{tab}-{name}".replace("_", "-")]
            assert given[name] == control.value, (fn.api_name, name)


def test_every_argument_and_result_is_explained(built):
    """As Gradio parses the docstrings for the page's own documentation and for MCP: it takes only
    the first line of each argument.
    """
    functions = [fn for fn in built.fns.values() if fn.fn and fn.api_visibility == "public"]
    assert {f"/{fn.api_name}" for fn in functions} == set(RETURNS)
    for fn in functions:
        _, arguments, returns = utils.get_function_description(fn.fn)
        unexplained = {name for name, explained in arguments.items() if not explained}
        assert unexplained <= {"trained", "pictures", "visit"}, fn.api_name  # Gradio fills them in
        names = [line.strip().split(":")[0] for line in returns]
        assert names == RETURNS[f"/{fn.api_name}"]


def test_forward_gif(client):
    result = client.predict(
        image=handle_file(noise_tab.CAT), T=20, schedules=["linear", "cosine"], seed=3,
        api_name="/forward_gif",
    )  # fmt: skip
    assert downloaded(client, result) and Path(result).name == "forward-linear-cosine-T20-seed3.gif"
    assert Image.open(result).n_frames == 20


def test_generate(client, app_model, tiny_checkout):
    """What the core draws, here with a worse model as a guide at some times."""
    way = {"sampler": "ddim", "steps": 3, "guidance": 3, "seed": 5}
    asked = way | {"label": 7, "count": 2, "guided_by": "worse", "interval": [0, 700]}
    job = client.submit(**asked, api_name="/generate")
    pictures, png, gif, progress = job.result()
    assert downloaded(client, png) and Image.open(png).size == (800, 1550)
    assert downloaded(client, gif) and Image.open(gif).n_frames == 4
    assert (progress["calls"], progress["steps"]) == (3, 3)
    x = ddpm.sample(
        app_model, 2, labels=7, **way, interval=(0, 700),
        guide=COMPUTE.load(tiny_checkout / "checkpoints/fashion_mnist_minute.safetensors"),
        schedule=ddpm.Schedule.named("cosine", 1000),
    )  # fmt: skip
    assert len(pictures) == 2
    for uri, expected in zip(pictures, ddpm.to_uint8(x), strict=True):
        got = np.asarray(picture_of(uri)).astype(int)
        assert np.abs(got - expected[0].numpy()).max() <= 1  # of 255
    first, *_ = job.outputs()
    assert first[1] is first[2] is None and first[3]["calls"] == 0 and first[0] != pictures


def test_finish_picture(client):
    grey = base64.b64encode(bytes([128]) * 784).decode()
    asked = {"picture": grey, "noise": 0, "count": 1, "api_name": "/finish_picture"}
    (picture,), _, gif, _ = client.predict(**asked)
    assert np.abs(np.asarray(picture_of(picture)).astype(int) - 128).mean() < 8
    assert "from-picture-t0" in Path(gif).name
    with pytest.raises(AppError, match="sketch pad is empty"):
        client.predict(count=1, api_name="/finish_picture")


def test_a_program_gets_no_more_until_it_has_read(monkeypatch):
    behind, pauses = {"its"}, []

    def pause(_):
        pauses.append(1)
        if len(pauses) == 3:
            behind.clear()

    def count(visit: gr.Request):
        yield from range(3)

    monkeypatch.setattr(visitors.VISITORS, "is_behind", behind.__contains__)
    monkeypatch.setattr(endpoints, "time", SimpleNamespace(sleep=pause))
    monkeypatch.setattr(visitors, "LIMITS", SimpleNamespace(lost_s=60.0))
    with gr.Blocks() as page:
        endpoints.endpoint(count, "count", {}, {"number": endpoints.Value("", {"type": "integer"})})
    (listener,) = page.fns.values()
    updates = listener.fn(SimpleNamespace(session_hash="its"))
    assert [next(updates), len(pauses)] == [0, 0]
    assert [next(updates), len(pauses)] == [1, 3]
    behind.add("its")
    monkeypatch.setattr(visitors, "LIMITS", SimpleNamespace(lost_s=0.0))
    with pytest.raises(gr.Error, match="read its stream"):
        next(updates)


def test_the_documented_example_runs(app_url, capsys):
    text = (ROOT / "docs/PROGRAMS.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    (code,) = [block for block in blocks if "gradio_client" in block]
    assert "http://127.0.0.1:7860" in code
    exec(code.replace("http://127.0.0.1:7860", app_url), {})
    printed = capsys.readouterr().out
    assert all(f"{name} 10 " in printed for name in ddpm.SAMPLERS)


def test_train_then_sample_from_what_was_trained(client):
    """In one session, use_trained draws with the model of /train."""
    job = client.submit(T=100, dim=8, steps=10, batch_size=8, api_name="/train")
    report, checkpoint = job.result()
    assert report["phase"] == "done" and report["recipe"]["dim"] == 8
    assert {report["phase"] for report, _ in job.outputs()} > {"loading"}
    assert downloaded(client, checkpoint)
    loaded = ddpm.load_checkpoint(checkpoint)
    assert loaded.info["steps"] == 10 and loaded.config.diffusion.T == 100
    last = client.predict(use_trained=True, axis="steps", api_name="/compare")
    assert last["rows"][-1]["calls"] == 50
    with pytest.raises(AppError, match="from 1 to 100"):
        client.predict(use_trained=True, count=1, steps=101, api_name="/generate")


def test_train_on_pictures_that_the_client_sent(client, shared_app, tmp_path):
    """Reading them leaves the uploaded files, and one to train on."""
    for k in range(10):
        Image.effect_noise((40, 30), 50 + k).save(tmp_path / f"{k}.png")
    sent = [handle_file(file) for file in sorted(tmp_path.iterdir())]
    before = {*shared_app.files.rglob("*.*")}
    taken = client.predict(files=sent, api_name="/train_pictures")
    left = {*shared_app.files.rglob("*.*")} - before
    assert sorted(path.name for path in left) == [*(f"{k}.png" for k in range(10)), "pictures.npy"]
    assert all(path.stat().st_size for path in left)
    assert (taken["source"], taken["count"]) == ("own", 10)
    small = {"T": 50, "dim": 8, "steps": 10, "batch_size": 8}
    _, checkpoint = client.predict(source="own", **small, api_name="/train")
    unet = ddpm.load_checkpoint(checkpoint).config.unet
    assert unet.channels == 1 and unet.num_classes is None
    with pytest.raises(AppError, match="Choose 10 to 5000"):
        client.predict(files=sent[:3], api_name="/train_pictures")


@pytest.mark.parametrize(
    ("endpoint", "arguments", "says"),
    [
        ("/forward_gif", {"T": 5}, "from 10 to 1000"),
        ("/generate", {"sampler": "unknown"}, "dpm_solver"),
        ("/compare", {"seed": -1}, "0"),
        ("/generate", {"model": "unknown"}, ", ".join(models.MODELS)),
        ("/train", {"objective": "score"}, "eps, v, x0"),
    ],
)
def test_wrong_values_come_back_as_a_sentence(client, endpoint, arguments, says):
    if endpoint == "/forward_gif":
        arguments = {"image": handle_file(noise_tab.CAT)} | arguments
    with pytest.raises(AppError, match=says) as error:
        client.predict(**arguments, api_name=endpoint)
    assert "必须" in str(error.value)
