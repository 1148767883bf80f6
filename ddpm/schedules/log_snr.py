"""Schedules given as log-SNR, log(ᾱ / (1-ᾱ)), a function of time u from 0 (picture) to 1 (noise).

Each takes and returns float64 of any shape, falls as u grows and may be infinite at the ends, which
no table contains: step t of T lies at u = (t + ½) / T.
"""

import math
from numbers import Real

import torch
from torch import Tensor

SIGMA_MIN, SIGMA_MAX, RHO = 0.002, 80.0, 7.0  # Karras et al. 2022, table 1
NOISE_SIZE, IMAGE_SIZE = 64, 28  # pixels per side: where the cosine fits, and ours
JABRI_START, JABRI_END = -3.0, 3.0  # Jabri et al. 2022, with a temperature of 1


def rectified_flow_log_snr(u: Tensor, *, shift: float = 1.0) -> Tensor:
    """x_u = (1-u) x_0 + u ε, scaled to unit variance: Liu et al. 2022.

    `shift` above 1 moves all steps toward noise, by -2 ln(shift): Esser et al. 2024, equation 23.
    """
    if not isinstance(shift, Real) or not 0 < shift < math.inf:
        raise ValueError(f"shift must be a number above 0, not {shift!r}")
    return 2 * (torch.log1p(-u) - u.log()) - 2 * math.log(shift)


def edm_log_snr(u: Tensor) -> Tensor:
    """x = x_0 + σ ε with Karras et al. 2022, equation 5; σ in units of pixels from -1 to 1."""
    low, high = SIGMA_MIN ** (1 / RHO), SIGMA_MAX ** (1 / RHO)
    return -2 * RHO * (low + u * (high - low)).log()


def shifted_cosine_log_snr(u: Tensor) -> Tensor:
    """The cosine, moved by how much smaller than 64 × 64 pictures of 28 × 28 are, whatever size is
    drawn: Hoogeboom et al. 2023, section 3.1. Pixels of small pictures have few neighbours that
    average their noise away."""
    return -2 * (u * math.pi / 2).tan().log() + 2 * math.log(NOISE_SIZE / IMAGE_SIZE)


def laplace_log_snr(u: Tensor) -> Tensor:
    """Most steps near log-SNR 0, with mean 0 and scale ½: Hang & Gu 2024, table 1.

    It ends before noise: ᾱ_T is 0.03 at T = 1000 and 0.12 at T = 50.
    """
    return -0.5 * (0.5 - u).sign() * torch.log1p(-2 * (u - 0.5).abs())


def sigmoid_jabri_log_snr(u: Tensor) -> Tensor:
    """ᾱ falls along a sigmoid from -3 to 3, stretched to reach from 1 to 0: Jabri et al. 2022."""
    start, end = torch.tensor([JABRI_START, JABRI_END], dtype=torch.float64).sigmoid()
    here = (JABRI_START + u * (JABRI_END - JABRI_START)).sigmoid()
    return (end - here).log() - (here - start).log()


LOG_SNRS = {
    "rectified_flow": rectified_flow_log_snr,
    "edm": edm_log_snr,
    "shifted_cosine": shifted_cosine_log_snr,
    "laplace": laplace_log_snr,
    "sigmoid_jabri": sigmoid_jabri_log_snr,
}
