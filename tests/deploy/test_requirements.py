"""pyproject.toml, the requirements files and constraints.txt agree and are complete."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from deploy.requirements import CPU_INDEX, space_requirements
from devtools import ROOT
from page.server.patches.gradio_patches import GRADIO

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PYTHONS = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: 3." in each]
MACHINES = {
    "linux": ("Linux", "posix", "x86_64"),
    "darwin": ("Darwin", "posix", "arm64"),
    "win32": ("Windows", "nt", "AMD64"),
}
OURS = {"ddpm", "page", "deploy", "devtools", "benchmarks", "docs", "tests"}
EXTRAS = {
    "spaces": "installed by a Space with ZeroGPU",
    "openvino": "an extra of its own",
    "mcp": "an extra of its own",
    "onnx": "an extra of its own",
    "diffusers": "an extra of its own",
    "ipython": "there in a notebook, and asked for nowhere else",
}
ASIDE = {"ray"}  # 300 MB with what it needs; where it is missing, its tests are skipped


def read(name):
    return (ROOT / name).read_text("utf-8")


def declared(*groups):
    """The requirements of pyproject.toml's extras, including those of extras that they name."""
    found = set()
    for group in groups:
        lines = PROJECT["optional-dependencies"][group] if group else PROJECT["dependencies"]
        for requirement in map(Requirement, lines):
            if requirement.name == PROJECT["name"]:
                found |= declared(*requirement.extras)
            else:
                found.add(str(requirement))
    return found


def listed(name):
    """The requirements in a file, without those of files that it includes."""
    lines = [line for line in read(name).splitlines() if not line.startswith("-r")]
    return {str(Requirement(line)) for line in lines}


def applies(requirement, python, platform="linux"):
    """Whether its marker applies to this version of Python there."""
    system, os_name, machine = MACHINES[platform]
    there = {"sys_platform": platform, "platform_system": system, "os_name": os_name}
    versions = {"python_version": python, "python_full_version": f"{python}.1"}
    environment = default_environment() | there | versions | {"platform_machine": machine}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def pinned(text, python, platform="linux"):
    """{name: version} of the pins that apply to this version of Python there."""
    lines = [re.sub(r"\s*#.*", "", line) for line in text.splitlines()]
    found = {}
    for requirement in map(Requirement, filter(None, lines)):
        if applies(requirement, python, platform):
            (pin,) = requirement.specifier
            assert pin.operator == "==", requirement
            assert requirement.name not in found, f"{requirement.name} is pinned twice"
            found[canonicalize_name(requirement.name)] = pin.version
    return found


def imported(folder):
    """The distributions that the files of a folder import."""
    paths = [ROOT / "app.py"] if folder == "app.py" else (ROOT / folder).rglob("*.py")
    modules = set()
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.partition(".")[0])
    modules -= OURS | sys.stdlib_module_names | {"tomllib"}  # which Python 3.10 lacks
    known = packages_distributions()
    return {canonicalize_name(known.get(module, [module])[0]) for module in modules}


def names(requirements):
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def test_a_space_installs_the_core_and_the_page():
    assert listed("requirements.txt") == declared(None, "page")


def test_the_dev_extra_is_requirements_dev():
    assert read("requirements-dev.txt").startswith("-r requirements.txt\n")
    assert listed("requirements-dev.txt") == declared("dev") - declared("page")


@pytest.mark.parametrize(
    ("folder", "groups"),
    [
        ("ddpm", [None]),
        ("page", [None, "page"]),
        ("app.py", [None, "page"]),
        *((name, [None, "dev"]) for name in ("deploy", "devtools", "benchmarks", "docs", "tests")),
    ],
)
def test_what_is_imported_is_declared(folder, groups):
    there = imported(folder) - ASIDE
    if "dev" not in groups:
        there -= EXTRAS.keys()
    assert there <= names(declared(*groups))


def test_deploy_needs_only_what_the_page_installs():
    """`make deploy` runs in the environment of `make app`."""
    page = pinned(space_requirements(read("constraints.txt"), "zero-a10g"), "3.12")
    assert imported("deploy") <= page.keys()


@pytest.mark.parametrize("platform", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_has_a_pin_that_it_allows(python, platform):
    """Also where no test runs: there a pin that is missing or given twice shows only when someone
    installs."""
    pins = pinned(read("constraints.txt"), python, platform)
    for requirement in map(Requirement, declared(None, "dev", "mcp")):
        if applies(requirement, python, platform):
            version = pins[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("hardware", ["cpu-basic", "zero-a10g"])
def test_a_space_is_pinned_and_has_a_torch_that_zero_gpu_lists(python, hardware):
    text = space_requirements(read("constraints.txt"), hardware)
    first, _, rest = text.partition("\n")
    assert (first == CPU_INDEX) == hardware.startswith("cpu")
    space = pinned(rest if first == CPU_INDEX else text, python)
    tested = pinned(read("constraints.txt"), python)
    (torch,) = (each for each in listed("requirements.txt") if Requirement(each).name == "torch")
    assert Requirement(torch).specifier.contains(version := space.pop("torch"))
    assert version == "2.11.0"
    assert space.items() <= tested.items()
    direct = names(listed("requirements.txt"))
    assert direct - space.keys() == {"gradio", "torch"}
    assert {"pydantic", "uvicorn", "fastapi", "gradio-client"} <= space.keys()
    assert not {"pytest", "playwright", "spaces", "triton", "setuptools"} & space.keys()


def test_the_workflows_test_every_python_that_the_package_names():
    tests = yaml.safe_load(read(".github/workflows/tests.yml"))["jobs"]["tests"]
    matrix = tests["strategy"]["matrix"]
    assert matrix["python"] == PYTHONS
    systems = {*matrix["os"], *(each["os"] for each in matrix["include"])}
    assert {each.split("-")[0] for each in systems} == {"ubuntu", "macos", "windows"}
    publish = yaml.safe_load(read(".github/workflows/publish.yml"))["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"} and "secrets" not in str(publish)


def test_gradio_is_pinned_to_the_release_that_its_patches_were_written_for():
    pin = SpecifierSet(f"=={GRADIO}")
    asked = [*listed("requirements.txt"), *declared("mcp")]
    of_gradio = [each for each in map(Requirement, asked) if each.name == "gradio"]
    assert [each.specifier for each in of_gradio] == [pin] * 3
    version = yaml.safe_load(read("Space.yaml"))["sdk_version"]
    assert pin.contains(version) and pinned(read("constraints.txt"), "3.12")["gradio"] == version


@pytest.mark.parametrize("target", ["app", "test"])
@pytest.mark.parametrize("cpu", ["", "1"])
def test_make_installs_the_pins_and_uses_the_cpu_index_on_request(target, cpu):
    command = ["make", "--dry-run", "--always-make", target, f"CPU={cpu}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (install,) = [line for line in done.stdout.splitlines() if "pip install" in line]
    assert "-c constraints.txt" in install
    assert (CPU_INDEX in install) == bool(cpu)
