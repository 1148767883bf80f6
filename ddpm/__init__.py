"""A small core for diffusion models: schedules, q and p, samplers, a U-Net, training.

    import ddpm, torch
    loaded = ddpm.load_checkpoint("checkpoints/fashion_mnist.safetensors")

Names are those of "The Annotated Diffusion Model", with an explicit schedule.
"""

from ddpm.checkpoint import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig
from ddpm.data import fashion_mnist
from ddpm.diffusion import (
    Denoiser,
    generators,
    p_losses,
    p_sample,
    predict_start_from_noise,
    q_posterior,
    q_sample,
    randn_like,
)
from ddpm.evaluation import frechet_distance
from ddpm.guidance import conditioned, retimed
from ddpm.images import from_pil, make_grid, save_gif, to_pil, to_uint8
from ddpm.likelihood import bits_per_dim
from ddpm.samplers import SAMPLERS, Step, ddim, ddpm, deis, dpm_solver
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
from ddpm.spacing import spaced_timesteps, start_from_picture
from ddpm.training import TrainingDiverged, TrainState, TrainStep, train
from ddpm.unet import Unet

__all__ = [
    "SAMPLERS", "SCHEDULES", "Checkpoint", "CheckpointError", "Config", "Denoiser",
    "DiffusionConfig", "Schedule", "Step", "TrainConfig", "TrainState", "TrainStep",
    "TrainingDiverged", "Unet", "UnetConfig", "bits_per_dim", "conditioned",
    "cosine_beta_schedule", "ddim", "ddpm", "deis", "dpm_solver", "extract", "fashion_mnist",
    "frechet_distance", "from_pil", "generators", "linear_beta_schedule",
    "load_checkpoint", "make_grid",
    "p_losses", "p_sample", "predict_start_from_noise", "q_posterior", "q_sample",
    "quadratic_beta_schedule", "randn_like", "retimed", "save_checkpoint", "save_gif",
    "sigmoid_beta_schedule", "spaced_timesteps", "start_from_picture", "to_pil", "to_uint8",
    "train", "zero_terminal_snr",
]  # fmt: skip
