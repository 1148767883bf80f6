"""A checkpoint by its path, its run's folder, its shipped name or its Hub id."""

import pytest
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, OfflineModeIsEnabled

from ddpm import hub as of_the_hub
from ddpm import load_checkpoint
from ddpm.checkpoint import CheckpointError, build_network, find_checkpoint, save_checkpoint
from devtools import ROOT

SHIPPED = ROOT / "checkpoints"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A working directory outside the repository."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hub(monkeypatch):
    """Requests to the Hub, under "asked"; it has only what a test puts into "files"."""
    asked, files = [], {}

    def download(name, revision=None):
        asked.append(name)
        if name not in files:
            raise of_the_hub.HubError("there is none of this name")
        return files[name]

    monkeypatch.setattr(of_the_hub, "download", download)
    return {"asked": asked, "files": files}


@pytest.fixture
def run_folder(elsewhere, tiny_config):
    """As a run leaves it: the model and other files."""
    folder = elsewhere / "runs" / "mine"
    save_checkpoint(folder / "model.safetensors", build_network(tiny_config), tiny_config, steps=7)
    (folder / "log.jsonl").write_text("{}\n")
    return folder


def test_a_shipped_name_is_the_shipped_file(elsewhere, hub):
    assert find_checkpoint("fashion_mnist").samefile(SHIPPED / "fashion_mnist.safetensors")
    assert not hub["asked"]


@pytest.mark.parametrize("relative", [False, True])
def test_a_folder_of_a_run_is_its_model(run_folder, elsewhere, hub, tiny_config, relative):
    """A relative one looks like owner/name, but comes first if it exists."""
    loaded = load_checkpoint(run_folder.relative_to(elsewhere) if relative else run_folder, "cpu")
    assert loaded.config == tiny_config and loaded.info == {"steps": 7}
    assert not hub["asked"]


def test_a_file_comes_before_a_shipped_name(run_folder, elsewhere):
    (run_folder / "model.safetensors").rename(elsewhere / "fashion_mnist")
    assert load_checkpoint("fashion_mnist", "cpu").info == {"steps": 7}


@pytest.mark.parametrize("name", ["someone/garments", "someone/garments-v1.5"])
def test_owner_and_name_go_to_the_hub(run_folder, hub, tiny_config, name):
    hub["files"][name] = run_folder / "model.safetensors"
    assert load_checkpoint(name, "cpu").config == tiny_config
    assert hub["asked"] == [name]


def test_a_folder_without_a_model_is_not_looked_up_on_the_hub(elsewhere, hub):
    (elsewhere / "runs" / "mine").mkdir(parents=True)
    with pytest.raises(CheckpointError, match="runs/mine: there is no such checkpoint file"):
        load_checkpoint("runs/mine")
    assert not hub["asked"]


@pytest.mark.parametrize(
    "error",
    [
        LocalEntryNotFoundError("cannot find the requested files"),
        OfflineModeIsEnabled("offline mode is enabled"),
        HFValidationError("repo names must be of letters"),
        ConnectionError("no network"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_the_hub_are_passed_on(elsewhere, monkeypatch, error):
    def refuse(*args):
        raise error

    monkeypatch.setattr(of_the_hub, "_had", refuse)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint("someone/garments")
    assert str(caught.value).startswith("someone/garments: ") and str(error) in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["shoes", "runs/mine.safetensors", "./runs/mine", "../mine", "/runs/mine", "~/mine", "a/b/c"],
)
def test_other_names_are_not_sent_to_the_hub(elsewhere, hub, name):
    """They may be private paths. The message lists the shipped names."""
    with pytest.raises(CheckpointError, match="no such checkpoint file") as caught:
        load_checkpoint(name)
    assert str(caught.value).startswith(f"{name}: ")
    shipped = {path.stem for path in SHIPPED.glob("fashion_mnist*.safetensors")}
    assert shipped and all(stem in str(caught.value) for stem in shipped)
    assert not hub["asked"]
