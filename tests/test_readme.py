"""The README and the documents: the front matter is Space.yaml, links exist, the example runs."""

import re
import shutil

import pytest
import yaml
from PIL import Image

import ddpm
from ddpm.data import fashion_mnist as data
from deploy.card import with_front_matter
from devtools import ROOT


@pytest.fixture
def space():
    return yaml.safe_load((ROOT / "Space.yaml").read_text("utf-8"))


def test_readme_front_matter_is_space_yaml(space):
    readme = (ROOT / "README.md").read_text("utf-8")
    _, head, body = readme.split("---\n", 2)
    assert yaml.safe_load(head) == space
    written = with_front_matter(readme, (ROOT / "Space.yaml").read_text("utf-8"))
    assert written == readme, "run make space"
    assert with_front_matter(body.lstrip(), "title: x\n") == f"---\ntitle: x\n---\n{body}"


def test_the_readme_stays_short():
    """What doesn't fit is for docs/, which it links."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


def test_space_yaml_fits_the_limits_of_a_space(space):
    assert len(space["short_description"]) <= 60
    assert (ROOT / space["app_file"]).is_file()
    assert space["sdk_version"].startswith("6.")  # requirements.txt asks for gradio 6
    assert space["datasets"] == [data.HUB_ID]


@pytest.mark.parametrize("path", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=str)
def test_documents_name_only_files_that_exist(path):
    for link in re.findall(r'(?:\]\(|src=")([^)#"]+)[)"]', path.read_text("utf-8")):
        assert link.startswith("http") or (path.parent / link).exists(), link


def test_the_example_runs(monkeypatch, tmp_path):
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[1]
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "checkpoints", tmp_path / "checkpoints")
    exec(code, {})
    assert Image.open("sneakers.png").size == (122, 62)


def test_the_model_card_describes_the_shipped_checkpoint():
    loaded = ddpm.load_checkpoint(ROOT / "checkpoints" / "fashion_mnist.safetensors")
    card = (ROOT / "checkpoints" / "README.md").read_text("utf-8")
    assert f"{loaded.info['steps']:,} of {loaded.config.train.batch_size} images" in card
    assert f"{loaded.info['images']:,} training images" in card
    assert f"{loaded.info['seconds']:,.0f} s" in card
