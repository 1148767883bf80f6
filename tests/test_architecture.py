"""The structure of the core: who imports whom, and what importing it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ddpm

PACKAGE = Path(ddpm.__file__).parent

# The table of the design: what each module may import of this package.
MAY_IMPORT = {
    "config": set(),
    "schedules": set(),
    "attention": set(),
    "unet": {"attention"},
    "data": set(),
    "images": set(),
    "diffusion": {"schedules"},
    "guidance": {"schedules", "diffusion"},
    "samplers": {"schedules", "diffusion"},
    "spacing": {"schedules", "diffusion"},
    "likelihood": {"schedules", "diffusion"},
    "optimizers": {"config"},
    "training": {"config", "schedules", "diffusion", "guidance", "optimizers"},
    "checkpoint": {"config", "unet", "schedules", "diffusion"},
    "evaluation": {"data"},
    "backend": {"diffusion"},
    "pictures": {"images"},
    "run": {"config", "checkpoint", "data", "pictures", "training"},
}
ALL = set(MAY_IMPORT)
MAY_IMPORT |= {"__init__": ALL, "__main__": ALL}

PUBLIC = [
    "linear_beta_schedule", "quadratic_beta_schedule", "sigmoid_beta_schedule",
    "cosine_beta_schedule", "SCHEDULES", "Schedule", "zero_terminal_snr", "extract", "q_sample",
    "q_posterior", "predict_start_from_noise", "Denoiser", "p_losses", "p_sample", "Step",
    "ddpm", "ddim", "dpm_solver", "deis", "SAMPLERS", "spaced_timesteps", "conditioned",
    "start_from_picture", "bits_per_dim",
    "retimed", "Unet", "train",
    "TrainStep", "save_checkpoint", "load_checkpoint", "Checkpoint", "fashion_mnist",
    "to_uint8", "to_pil", "from_pil", "make_grid", "save_gif", "frechet_distance",
]  # fmt: skip


def imported(path: Path) -> set[str]:
    """Every module that a file imports, also within functions: `a.b` for `from a import b`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            prefix = "ddpm" if node.level else ""
            module = ".".join(filter(None, (prefix, node.module)))
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def test_the_reader_of_imports_sees_every_form(tmp_path):
    path = tmp_path / "x.py"
    path.write_text(
        "import a.b, c\nfrom d import e\nfrom ddpm import f\nfrom . import g\nfrom .h import i\n"
        "def late():\n    from ddpm.j import k as l\n"
    )
    assert imported(path) == {"a.b", "c", "d.e", "ddpm.f", "ddpm.g", "ddpm.h.i", "ddpm.j.k"}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_imports_follow_the_table(path):
    assert path.stem in MAY_IMPORT, f"{path.name} is not in the table"
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("ddpm.")}
    assert ours <= MAY_IMPORT[path.stem]
    assert "ddpm" not in imported(path)  # `import ddpm` would go round the table


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_the_core_knows_no_page(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & {"gradio", "tabs", "app"}


def test_import_leaves_heavy_packages_alone():
    """In a fresh process: gradio is the page's, the others are loaded by what needs them."""
    heavy = ["gradio", "datasets", "torchmetrics", "accelerate", "torchvision", "diffusers"]
    program = f"import sys, ddpm; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PACKAGE.parent
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_importable_from_the_package(name):
    assert hasattr(ddpm, name)
    assert name in ddpm.__all__


def test_all_is_no_more_than_there_is():
    assert len(set(ddpm.__all__)) == len(ddpm.__all__)
    assert [name for name in ddpm.__all__ if not hasattr(ddpm, name)] == []
