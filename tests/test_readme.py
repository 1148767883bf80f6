"""The README and the documents: the front matter is Space.yaml, and links exist. Its examples run
in tests/deploy/test_package.py."""

import re

import pytest
import yaml

import ddpm
from ddpm.data import fashion_mnist as data
from deploy.card import with_front_matter
from devtools import ROOT

METADATA = (ROOT / "Space.yaml").read_text("utf-8")
SPACE = yaml.safe_load(METADATA)


def test_readme_front_matter_is_space_yaml():
    readme = (ROOT / "README.md").read_text("utf-8")
    _, head, body = readme.split("---\n", 2)
    assert yaml.safe_load(head) == SPACE
    written = with_front_matter(readme, METADATA)
    assert written == readme, "run make space"
    assert with_front_matter(body.lstrip(), "title: x\n") == f"---\ntitle: x\n---\n{body}"


def test_the_readme_stays_short():
    """What doesn't fit is for docs/, which it links."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


def test_space_yaml_fits_the_limits_of_a_space():
    assert len(SPACE["short_description"]) <= 60
    assert (ROOT / SPACE["app_file"]).is_file()
    assert SPACE["datasets"] == [data.HUB_ID]


@pytest.mark.parametrize("path", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=str)
def test_documents_name_only_files_that_exist(path):
    for link in re.findall(r'(?:\]\(|src=")([^)#"]+)[)"]', path.read_text("utf-8")):
        assert link.startswith("http") or (path.parent / link).exists(), link


def test_the_model_card_describes_the_shipped_checkpoint():
    loaded = ddpm.load_checkpoint(ROOT / "checkpoints" / "fashion_mnist.safetensors")
    card = (ROOT / "checkpoints" / "README.md").read_text("utf-8")
    assert f"{loaded.info['steps']:,} of {loaded.config.train.batch_size} images" in card
    assert f"{loaded.info['images']:,} training images" in card
    assert f"{loaded.info['seconds']:,.0f} s" in card
