"""`make deploy`, with Hugging Face replaced by a server that records what it is sent.

As on the Hub, weights go through Git LFS: announced, uploaded to the URL in the response, and named
in the commit.
"""

import re
import shutil
import subprocess
import sys

import pytest
import yaml

from deploy.requirements import space_requirements
from deploy.space import space_files
from devtools import ROOT
from devtools.hub import TOKEN, Hub


def run(hub, space="me/mine", token=TOKEN, tmp=None, program="deploy.space", cwd=ROOT):
    """`python -m deploy.space`, as make calls it, with all its logging on."""
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(tmp), "HF_HOME": str(tmp), "HF_ENDPOINT": hub.url,
        "HF_HUB_VERBOSITY": "debug", "HF_DEBUG": "1", "HF_HUB_DISABLE_XET": "1",
    }  # fmt: skip
    env |= {"HF_TOKEN": token} if token else {}
    return subprocess.run(
        [sys.executable, "-m", program, *([space] if space is not None else [])],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture
def hub(request):
    hub = Hub(**getattr(request, "param", {}))
    yield hub
    hub.close()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    hub = Hub()
    done = run(hub, tmp=tmp_path_factory.mktemp("home"))
    hub.close()
    assert done.returncode == 0, done.stderr
    return hub, done


def test_only_the_right_files_are_uploaded(deployed):
    hub, done = deployed
    tracked = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    folders = ("page/", "ddpm/", "checkpoints/")
    tops = {"app.py", "requirements.txt", "pyproject.toml", "LICENSE", "README.md", "Space.yaml"}
    lessons = {"docs/lesson.ipynb", "docs/lesson.zh.ipynb"}
    shown = {name for name in hub.stored if name.startswith("docs/")} - lessons
    needed = {f for f in tracked if f.startswith(folders)} | tops | lessons
    assert hub.stored.keys() - shown == needed
    readme = (ROOT / "README.md").read_text("utf-8")
    pictures = [name for name in tracked if re.fullmatch(r"docs/.*\.(png|svg|webp)", name)]
    assert shown == {name for name in pictures if f"({name})" in readme or f'"{name}"' in readme}
    for name in lessons:  # whose badges and first cell name this Space
        here = (ROOT / name).read_text("utf-8")
        assert hub.stored[name].decode() == here.replace("your-name/diffusion", "me/mine") != here
    card = yaml.safe_load(hub.stored["README.md"].decode().split("---\n")[1])
    assert card["models"] == ["me/ddpm-fashion-mnist"] and "/spaces/me/mine/" in card["thumbnail"]
    assert card["thumbnail"].rpartition("/main/")[2] in hub.stored
    for name in hub.stored.keys() - {"requirements.txt", "README.md"} - lessons:
        assert hub.stored[name] == (ROOT / name).read_bytes(), name
    assert len(hub.large) == sum(name.endswith(".safetensors") for name in tracked)
    assert hub.deleted == ["old/left.py"]
    assert "me/mine" in done.stdout


def test_the_space_is_created_as_space_yaml_says(deployed):
    hub, _ = deployed
    space = yaml.safe_load((ROOT / "Space.yaml").read_text("utf-8"))
    assert hub.created["type"] == "space" and hub.created["sdk"] == space["sdk"]
    assert hub.created["hardware"] == space["suggested_hardware"]


def test_the_space_installs_what_was_tested(deployed):
    hub, _ = deployed
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    hardware = yaml.safe_load((ROOT / "Space.yaml").read_text("utf-8"))["suggested_hardware"]
    assert hub.stored["requirements.txt"].decode() == space_requirements(constraints, hardware)


def test_the_token_is_sent_only_to_the_hub(deployed):
    hub, done = deployed
    places = "/api/repos", "/api/spaces"
    of_the_space = {token for path, token in hub.asked if path.startswith(places)}
    assert of_the_space == {f"Bearer {TOKEN}"}
    assert {token for path, token in hub.asked if path.startswith("/lfs/")} == {None}
    assert TOKEN not in done.stdout + done.stderr
    assert not [name for name, data in hub.stored.items() if TOKEN.encode() in data]


def test_the_static_edition_is_a_space_without_a_server(hub, tmp_path):
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copy(ROOT / "Space.yaml", tmp_path)
    without = run(hub, tmp=tmp_path, program="deploy.static_space", cwd=tmp_path)
    assert without.returncode == 1 and "make static" in without.stderr and not hub.asked
    files = {"index.html": b"<!doctype html>", "sw.js": b"1", "0a/models/m.onnx.gz": b"\x1f\x8b"}
    for name, content in files.items():
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_bytes(content)
    done = run(hub, tmp=tmp_path, program="deploy.static_space", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    card = hub.stored.pop("README.md").decode()
    assert hub.stored == files and hub.deleted == ["old/left.py"]
    assert hub.created["sdk"] == "static" and "hardware" not in hub.created
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["sdk"] == "static" and not {"app_file", "suggested_hardware"} & head.keys()
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("hub", [{"status": k} for k in (401, 403, 500)], indirect=True)
def test_a_refusal_prints_one_line(hub, tmp_path):
    done = run(hub, tmp=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert str(hub.status) in done.stderr.splitlines()[-1]
    assert TOKEN not in done.stdout + done.stderr and not hub.stored


@pytest.mark.parametrize("hub", [{"wrong": ['"emoji" must be one']}], indirect=True)
def test_metadata_that_the_hub_refuses_is_named(hub, tmp_path):
    done = run(hub, tmp=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr and not hub.stored
    assert "Space.yaml is not valid" in done.stderr
    assert '"emoji" must be one' in done.stderr


def test_models_of_your_own_are_not_uploaded(tmp_path):
    shutil.copytree(ROOT / "checkpoints", tmp_path / "checkpoints")
    shutil.copy(ROOT / "README.md", tmp_path)
    for folder in ("page", "ddpm"):
        (tmp_path / folder).mkdir()
    (tmp_path / "checkpoints/mine.safetensors").write_bytes(b"private")
    names = space_files(tmp_path)
    assert "checkpoints/mine.safetensors" not in names
    assert "checkpoints/fashion_mnist.safetensors" in names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "token", "says"),
    [
        (None, TOKEN, "make deploy SPACE="),
        ("", TOKEN, "make deploy SPACE="),
        ("mine", TOKEN, "has no owner"),
        ("../../etc", TOKEN, "not a valid Space name"),
        ("https://huggingface.co/spaces/me/mine", TOKEN, "not a valid Space name"),
        ("me/mine", None, "No token"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(hub, tmp_path, space, token, says):
    done = run(hub, space, token, tmp_path)
    assert done.returncode in (1, 2) and says in done.stderr and "Traceback" not in done.stderr
    assert not hub.asked
