"""A network that learns what a wider one predicts (Hinton et al. 2015), under the same schedule.

With much noise, x_t could have come from many pictures, and the one that a batch has says little of
their mean, which is what a network learns. Its teacher says that mean at once.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ddpm.checkpoint import find_checkpoint
from ddpm.config import Config
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import q_sample, randn_like
from ddpm.files import fingerprint
from ddpm.sampling.bf16 import in_bf16
from ddpm.training.distillation.distill import check_alike
from ddpm.training.distillation.student import check_same, loaded
from ddpm.training.lesson import FromBatches
from ddpm.training.losses import Loss, drop_labels, times_for


def taught(
    lesson: FromBatches, teacher: str | Path | None, noted: Mapping[str, Any]
) -> FromBatches:
    """The same lesson, by what this teacher predicts, or the one that a run noted. ValueError if it
    predicts something else."""
    if noted:
        check_same("teacher", teacher, noted)
    named = noted.get("teacher") if teacher is None else teacher
    if named is None:
        return lesson
    part = loaded(named)
    check_alike("a network learns what its teacher predicts", part.config, lesson.config)
    loss = taught_loss(part.model)
    info = {"teacher": str(named), "made_by": fingerprint(find_checkpoint(named))}
    about = f"{lesson.about}, and what {named} predicts"
    return replace(lesson, loss=lambda _: loss, info=lesson.info | info, about=about)


def taught_loss(teacher: Denoiser) -> Loss:
    """Of a batch (x_0, labels): the mean square of what the network predicts, less what `teacher`
    does for the same x_t."""
    quick = in_bf16(teacher)

    def loss(denoiser: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
        x_start, labels = batch
        device = denoiser.schedule.device
        x_start = x_start.to(device, memory_format=torch.channels_last)
        t = times_for(denoiser, len(x_start), rng)
        labels = drop_labels(labels, config, rng, device)
        x = q_sample(denoiser.schedule, x_start, t, randn_like(x_start, rng))
        with torch.no_grad():
            wanted = quick.to(device).network(x, t, labels)
        return F.mse_loss(denoiser.network(x, t, labels), wanted)

    return loss
