"""A small core for diffusion models: schedules, q and p, samplers, a U-Net, training.

    import ddpm
    pictures = ddpm.sample(ddpm.load_checkpoint("fashion_mnist"), 8, labels=7)

Names are those of "The Annotated Diffusion Model", with an explicit schedule.
"""

import warnings
from typing import Any

from ddpm import figures
from ddpm.checkpoint import CheckpointError, save_checkpoint
from ddpm.config import Config, DiffusionConfig, DistillConfig, TrainConfig, UnetConfig
from ddpm.data import DATASETS
from ddpm.data.dataset import Dataset
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import from_pil, make_grid, save_gif, to_pil, to_uint8
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import (
    generators,
    p_losses,
    p_sample,
    predict_start_from_noise,
    q_posterior,
    q_sample,
    randn_like,
)
from ddpm.evaluation.frechet import frechet_distance
from ddpm.evaluation.likelihood import bits_per_dim
from ddpm.exchange.diffusers_export import export_diffusers
from ddpm.exchange.diffusers_films import films
from ddpm.exchange.diffusers_models import from_diffusers
from ddpm.networks.unet import Unet
from ddpm.notebook import page
from ddpm.presets import PRESETS
from ddpm.sampling.guidance import (
    autoguided,
    classifier_free_guided,
    classifier_guided,
    label_gradient,
    retimed,
)
from ddpm.sampling.noisy_classifier import NoisyClassifier
from ddpm.sampling.onnx_file import export_onnx
from ddpm.sampling.sample import sample, trajectory
from ddpm.sampling.samplers import SAMPLERS, Film, Step, consistency, ddim, ddpm, deis, dpm_solver
from ddpm.sampling.spacing import spaced_timesteps, start_from_picture
from ddpm.sampling.text_guidance import dynamic_threshold
from ddpm.schedules import (
    SCHEDULES,
    Schedule,
    cosine_beta_schedule,
    extract,
    linear_beta_schedule,
    quadratic_beta_schedule,
    sigmoid_beta_schedule,
    zero_terminal_snr,
)
from ddpm.systems.base import Checkpoint, load, load_checkpoint
from ddpm.systems.cascade import Cascade
from ddpm.systems.imagen import Imagen, TextToImage
from ddpm.systems.training import run_cascade, run_distillation, train_text_to_image, train_unclip
from ddpm.systems.unclip import UnClip
from ddpm.training.fit import fit
from ddpm.training.loop import TrainingDiverged, TrainStep, train
from ddpm.training.run import run_training
from ddpm.training.state import TrainState

__version__ = "0.2.0"
__all__ = [
    "Cascade", "Checkpoint", "CheckpointError", "Config", "DATASETS", "Dataset", "Denoiser",
    "DiffusionConfig", "DistillConfig", "Film", "Imagen", "NoisyClassifier", "PRESETS",
    "SAMPLERS", "SCHEDULES", "Schedule", "Step", "TextToImage", "TrainConfig", "TrainState",
    "TrainStep", "TrainingDiverged", "UnClip", "Unet", "UnetConfig", "autoguided", "bits_per_dim",
    "classifier_free_guided", "classifier_guided", "consistency", "cosine_beta_schedule", "ddim",
    "ddpm", "deis", "dpm_solver", "dynamic_threshold", "export_diffusers", "export_onnx", "extract",
    "fashion_mnist", "figures", "films", "fit", "frechet_distance", "from_diffusers", "from_pil",
    "generators", "label_gradient", "linear_beta_schedule", "load", "load_checkpoint", "make_grid",
    "p_losses", "p_sample", "page", "predict_start_from_noise", "q_posterior", "q_sample",
    "quadratic_beta_schedule", "randn_like", "retimed", "run_cascade", "run_distillation",
    "run_training", "sample", "save_checkpoint", "save_gif", "sigmoid_beta_schedule",
    "spaced_timesteps", "start_from_picture", "to_pil", "to_uint8", "train", "train_text_to_image",
    "train_unclip", "trajectory", "zero_terminal_snr",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """What has the field's name now."""
    if name != "conditioned":
        raise AttributeError(f"module 'ddpm' has no attribute {name!r}")
    message = "conditioned is called classifier_free_guided now"
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return classifier_free_guided
