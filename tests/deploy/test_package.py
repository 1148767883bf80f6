"""The wheel, installed outside the repository: its files, its commands, the README's examples."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from PIL import Image

import ddpm
from devtools import ROOT
from devtools.server import running_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


# before an example: what it trains for a minute is trained for five steps
SHORT = """
import dataclasses, ddpm
brief = dataclasses.replace(ddpm.PRESETS["minute"].train, steps=5)
ddpm.PRESETS["minute"] = dataclasses.replace(ddpm.PRESETS["minute"], train=brief)
"""


def built(kind, source, folder):
    """The file of a release, "sdist" or "wheel", that comes of a checkout."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder]
    subprocess.run(build, cwd=source, check=True)
    (path,) = folder.glob({"sdist": "*.tar.gz", "wheel": "*.whl"}[kind])
    return path


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return built("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """Of the sdist, which therefore has all that is needed."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return built("wheel", unpacked, folder)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """(bin, environment variables) of an environment with the wheel, whose requirements come from
    this one.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", wheel], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "required.pth").write_text(sysconfig.get_path("purelib"))
    hidden = {"PYTHONPATH", "VIRTUAL_ENV"}
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    return folder / "bin", env | {"HF_HUB_OFFLINE": "1"}


@pytest.fixture
def run(installed, tmp_path):
    """`run(command, *arguments)` in an empty folder -> what it printed."""
    commands, env = installed

    def run(command, *arguments):
        done = subprocess.run(
            [commands / command, *arguments],
            cwd=tmp_path, env=env, capture_output=True, text=True, timeout=1500,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_wheel_holds_what_is_committed(wheel):
    listing = ["git", "ls-files", "ddpm", "page", "checkpoints"]
    tracked = subprocess.check_output(listing, cwd=ROOT, text=True).splitlines()
    expected = {re.sub("^checkpoints/", "ddpm/checkpoints/", name) for name in tracked}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


def test_what_is_uploaded_passes_the_checks_of_pypi(sdist, wheel):
    twine = [sys.executable, "-m", "twine", "check", "--strict", wheel, sdist]
    contents = [sys.executable, "-m", "check_wheel_contents", "--config", ROOT / "pyproject.toml"]
    for command in (twine, [*contents, wheel]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_said_once_everywhere(wheel):
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert wheel.name.startswith(f"ddpm_lab-{cited['version']}-")
    assert cited["version"] == ddpm.__version__


def test_the_package_works_outside_the_repository(run, installed):
    program = """import ddpm, page
print(ddpm.__file__, page.__file__, ddpm.checkpoint.SHIPPED)
print(*ddpm.fashion_mnist("train", source="shipped")[0].shape)"""
    paths, shape = map(str.split, run("python", "-c", program).splitlines())
    assert all(path.startswith(str(installed[0].parent)) for path in paths)
    assert (Path(paths[0]).parent / "py.typed").exists()
    assert shape[1:] == ["1", "28", "28"]


def test_the_command_line_is_installed(run, tmp_path):
    run("ddpm", "sample", "--count", "4", "--steps", "2", "--out", "four.png")
    assert Image.open(tmp_path / "four.png").mode == "L"


def test_the_page_is_installed(installed):
    with running_app(command=installed[0] / "ddpm-page", PYTHONPATH="") as app:
        assert app.health()["status"] == "ok"


@pytest.mark.parametrize(("example", "picture"), [(0, "sneakers.png"), (1, "garments.png")])
def test_the_examples_of_the_readme_run(run, tmp_path, example, picture):
    text = (ROOT / "README.md").read_text("utf-8")
    code = re.findall(r"```python\n(import ddpm\n.*?)```", text, re.S)[example]
    assert len(code.strip().splitlines()) <= 10
    run("python", "-c", SHORT + code)
    across = {"sneakers.png": 4, "garments.png": 10}[picture]
    assert Image.open(tmp_path / picture).size == (30 * across + 2, 2 * 30 + 2)
