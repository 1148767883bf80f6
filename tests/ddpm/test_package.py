"""What `import ddpm` provides, and what it doesn't import."""

import subprocess
import sys

import pytest

import ddpm
from devtools import ROOT

PUBLIC = [
    "linear_beta_schedule", "quadratic_beta_schedule", "sigmoid_beta_schedule",
    "cosine_beta_schedule", "SCHEDULES", "Schedule", "zero_terminal_snr", "extract", "q_sample",
    "q_posterior", "predict_start_from_noise", "Denoiser", "p_losses", "p_sample", "Step",
    "ddpm", "ddim", "dpm_solver", "deis", "SAMPLERS", "spaced_timesteps", "classifier_free_guided",
    "start_from_picture", "bits_per_dim", "retimed", "Unet", "train", "TrainStep",
    "save_checkpoint", "load_checkpoint", "Checkpoint", "fashion_mnist", "to_uint8", "to_pil",
    "from_pil", "make_grid", "save_gif", "frechet_distance", "sample", "trajectory", "fit",
    "run_training", "Config", "UnetConfig", "DiffusionConfig", "TrainConfig", "PRESETS",
    "DistillConfig", "consistency", "run_distillation", "classifier_guided", "label_gradient",
    "NoisyClassifier", "Cascade", "run_cascade", "figures", "load", "Imagen", "TextToImage",
    "UnClip", "train_text_to_image", "train_unclip", "export_onnx",
]  # fmt: skip


def test_import_does_not_load_heavy_packages():
    """In a new process. Only the page uses gradio; the others are imported where they are used."""
    heavy = [
        *("gradio", "datasets", "torchmetrics", "accelerate", "torchvision", "diffusers"),
        "matplotlib",
    ]
    program = f"import sys, ddpm; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"


def test_an_old_name_is_the_new_one_and_says_so():
    with pytest.warns(DeprecationWarning, match="classifier_free_guided"):
        assert ddpm.conditioned is ddpm.classifier_free_guided
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ddpm.nothing


def test_all_names_exist_once():
    assert len(set(ddpm.__all__)) == len(ddpm.__all__) and {*PUBLIC} <= {*ddpm.__all__}
    assert [name for name in ddpm.__all__ if not hasattr(ddpm, name)] == []
