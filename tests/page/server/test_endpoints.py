"""The page from code, by a real client: what it lists, what comes back, what it refuses."""

import re
from pathlib import Path

import pytest
from gradio import utils
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import ddpm
from devtools import ROOT
from page.layout import build
from page.tabs.noise import tab as noise_tab

ENDPOINTS = {
    "/forward_gif", "/generate", "/finish_picture", "/compare", "/train", "/train_pictures",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(app_url, tmp_path_factory):
    downloads = tmp_path_factory.mktemp("downloads")
    client = Client(app_url, verbose=False, download_files=downloads, analytics_enabled=False)
    yield client
    client.close()


def files(client, *result):
    """The files that the client downloaded, by their suffix: a path, or the value of an update."""
    values = [part.get("value") if isinstance(part, dict) else part for part in result]
    paths = [Path(value) for value in values if isinstance(value, str)]
    return {path.suffix: path for path in paths if path.is_relative_to(client.output_dir)}


def test_lists_the_actions_and_nothing_else(client):
    api = client.view_api(return_format="dict", print_info=False)
    assert set(api["named_endpoints"]) == ENDPOINTS and not api["unnamed_endpoints"]
    for name, endpoint in api["named_endpoints"].items():
        assert endpoint["description"].endswith("."), name
        names = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        assert not [name for name in names if name.startswith("param_")], name


def test_every_argument_and_result_is_explained():
    """As Gradio reads the docstrings, for the page's own documentation and for MCP: the first
    line of each argument is all that it takes.
    """
    functions = [fn for fn in build().fns.values() if fn.fn and fn.api_visibility == "public"]
    assert {f"/{fn.api_name}" for fn in functions} == ENDPOINTS
    for fn in functions:
        _, arguments, returns = utils.get_function_description(fn.fn)
        silent = {name for name, explained in arguments.items() if not explained}
        assert silent <= {"trained", "pictures", "request", "visit"}, (
            fn.api_name
        )  # what Gradio itself fills in
        assert returns, fn.api_name


def test_forward_gif(client):
    result = client.predict(
        image=handle_file(noise_tab.CAT), T=20, schedules=["linear", "cosine"], seed=3,
        api_name="/forward_gif",
    )  # fmt: skip
    assert Image.open(files(client, result)[".gif"]).n_frames == 20


def test_generate(client):
    result = client.predict(label=7, count=2, sampler="ddim", steps=3, api_name="/generate")
    got = files(client, *result)
    assert Image.open(got[".png"]).size == (32, 62)
    assert Image.open(got[".gif"]).n_frames == 4


def test_compare_streams_rows(client):
    job = client.submit(axis="sampler", label=7, steps=2, api_name="/compare")
    last = job.result()
    assert len(job.outputs()) > 1
    assert [(row["value"], row["calls"]) for row in last["rows"]] == [
        ("ddpm", 2), ("ddim", 2), ("dpm_solver", 2), ("deis", 2),
    ]  # fmt: skip
    assert len({row["picture"] for row in last["rows"]}) == 4
    assert last["noise"]["picture"].startswith("data:image/png;base64,")


def test_the_example_of_the_readme(app_url, capsys):
    readme = (ROOT / "README.md").read_text("utf-8")
    _, code = re.findall(r"```python\n(.*?)```", readme, re.S)
    assert "http://127.0.0.1:7860" in code
    exec(code.replace("http://127.0.0.1:7860", app_url), {})
    printed = capsys.readouterr().out
    assert all(f"{name} 10 " in printed for name in ddpm.SAMPLERS)


def test_train_then_sample_from_what_was_trained(client):
    """One session: what /train made is what use_trained draws with."""
    result = client.predict(T=100, dim=8, steps=10, batch_size=8, api_name="/train")
    loaded = ddpm.load_checkpoint(files(client, *result)[".safetensors"])
    assert loaded.info["steps"] == 10 and loaded.config.diffusion.T == 100
    last = client.predict(use_trained=True, axis="steps", api_name="/compare")
    assert last["rows"][-1]["calls"] == 50
    with pytest.raises(AppError, match="from 1 to 100"):
        client.predict(use_trained=True, count=1, steps=101, api_name="/generate")


def test_reading_pictures_leaves_no_file_but_the_uploaded(own_app, tmp_path):
    client = Client(own_app.url, verbose=False, analytics_enabled=False)
    for k in range(10):
        Image.effect_noise((40, 30), 50 + k).save(tmp_path / f"{k}.png")
    before = {path for path in own_app.files.rglob("*") if path.is_file()}
    client.predict(
        files=[handle_file(f) for f in tmp_path.glob("*.png")], api_name="/train_pictures"
    )
    left = {path for path in own_app.files.rglob("*") if path.is_file()} - before
    assert len(left) == 10 and all(path.stat().st_size for path in left)


def test_train_on_pictures_that_the_client_sent(client, tmp_path):
    for k in range(10):
        Image.effect_noise((40, 30), 50 + k).save(tmp_path / f"{k}.png")
    sent = [handle_file(file) for file in sorted(tmp_path.iterdir())]
    told = client.predict(files=sent, api_name="/train_pictures")
    assert '"count": 10' in str(told).replace("'", '"')
    result = client.predict(source="own", T=50, dim=8, steps=10, batch_size=8, api_name="/train")
    unet = ddpm.load_checkpoint(files(client, *result)[".safetensors"]).config.unet
    assert unet.channels == 1 and unet.num_classes is None
    with pytest.raises(AppError, match="choose 10 to 5000"):
        client.predict(files=sent[:3], api_name="/train_pictures")


@pytest.mark.parametrize(
    ("endpoint", "arguments", "says"),
    [
        ("/forward_gif", {"T": 5}, "from 10 to 1000"),
        ("/forward_gif", {"seed": -1}, "from 0 to 2147483647"),
        ("/generate", {"steps": 5000}, "1000"),
        ("/generate", {"sampler": "euler"}, "dpm_solver"),
        ("/compare", {"steps": 101}, "from 1 to 100"),
        ("/compare", {"seed": -1}, "0"),
        ("/compare", {"axis": "seed"}, "guidance"),
        ("/train", {"steps": 1}, "10"),
        ("/train", {"objective": "score"}, "eps, v, x0"),
    ],
)
def test_wrong_values_come_back_as_a_sentence(client, endpoint, arguments, says):
    if endpoint == "/forward_gif":
        arguments = {"image": handle_file(noise_tab.CAT)} | arguments
    with pytest.raises(AppError, match=says) as error:
        client.predict(**arguments, api_name=endpoint)
    assert "必须" in str(error.value)


@pytest.mark.parametrize("name", ["/_explained", "/_new_picture", "/_new_tables", "/ask_to_stop"])
def test_private_helpers_cannot_be_called(client, name):
    with pytest.raises(ValueError, match="Cannot find a function"):
        client.predict(api_name=name)
