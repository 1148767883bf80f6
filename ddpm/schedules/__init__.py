"""Noise schedules: named ones, drawn ones, and their tables."""

from ddpm.schedules.betas import (
    cosine_beta_schedule,
    has_beta_range,
    linear_beta_schedule,
    quadratic_beta_schedule,
    sigmoid_beta_schedule,
)
from ddpm.schedules.schedule import (
    SCHEDULES,
    Schedule,
    extract,
    is_schedule,
    scale_input,
    zero_terminal_snr,
)

__all__ = [
    "SCHEDULES", "Schedule", "cosine_beta_schedule", "extract", "has_beta_range", "is_schedule",
    "linear_beta_schedule", "quadratic_beta_schedule", "scale_input", "sigmoid_beta_schedule",
    "zero_terminal_snr",
]  # fmt: skip
