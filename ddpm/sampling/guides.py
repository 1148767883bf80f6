"""What guides a run besides its labels: found, checked, and put to work."""

import os
from pathlib import Path

import torch

from ddpm.checkpoint import ONLY, Part, load_parts
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import EpsFn
from ddpm.networks.network import NEEDS_LABEL
from ddpm.sampling import checks
from ddpm.sampling.guidance import (
    TimedClassifier,
    at_same_noise,
    autoguided,
    classifier_free_guided,
    classifier_guided,
    retimed,
)
from ddpm.sampling.noisy_classifier import NoisyClassifier
from ddpm.schedules import Schedule

Guide = Denoiser | TimedClassifier | None  # a worse model, a classifier, or neither


def found_guide(
    classifier: TimedClassifier | str | os.PathLike | None,
    guide: Part | Denoiser | str | os.PathLike | None,
    device: torch.device,
) -> Guide:
    """The one of both that is given, loaded if it is a name. ValueError if it can't guide."""
    if guide is None:
        is_name = isinstance(classifier, str | os.PathLike)
        return NoisyClassifier.load(Path(classifier), device) if is_name else classifier
    if classifier is not None:
        raise ValueError("a classifier or another model can guide, not both")
    if isinstance(guide, str | os.PathLike):
        guide = load_parts(Path(guide), ("unet",), device)[0][ONLY]
    worse = guide.model if isinstance(guide, Part) else guide
    if not isinstance(worse, Denoiser):
        raise ValueError(
            f"guide must be a Checkpoint of one network, or its name, not {guide!r:.80}"
        )
    if worse.schedule.device != device:
        raise ValueError(f"load the guide on the model's device, {device}")
    return worse


def guided(
    denoiser: Denoiser,
    schedule: Schedule,
    n: int,
    labels: checks.Labels,
    guidance: float,
    interval: tuple[float, float] | None,
    guide: Guide,
) -> EpsFn:
    """The denoiser under this schedule, guided by itself, by a worse one, or by a classifier."""
    trained_on = denoiser.schedule
    if guide is None or isinstance(guide, Denoiser):
        asked = checks.labels(n, labels, denoiser)
        needs_label = getattr(denoiser.network, "needs_label", False)  # of anyone's nn.Module
        if needs_label and (asked is None or guidance != 1):
            raise ValueError(NEEDS_LABEL)
        if guide is None:
            eps_fn = classifier_free_guided(denoiser, asked, guidance, interval=interval)
        else:
            eps_fn = autoguided(denoiser, guide, asked, guidance, interval=interval)
        return eps_fn if schedule is trained_on else retimed(eps_fn, trained_on, schedule)
    _check_classifier(guide, denoiser)
    asked = checks.labels(n, labels, guide)
    if asked is None or asked.ndim > 1 or bool((asked == guide.network.num_classes).any()):
        raise ValueError("a classifier guides towards labels: give one for all or for each picture")
    eps_fn = denoiser
    if schedule is not trained_on:
        eps_fn = retimed(denoiser, trained_on, schedule)
        interval = at_same_noise(interval, trained_on, schedule)
    known = retimed(guide, guide.schedule, schedule)
    return classifier_guided(eps_fn, known, schedule, asked, guidance, interval=interval)


def _check_classifier(classifier: TimedClassifier, denoiser: Denoiser) -> None:
    """ValueError says why the classifier can't guide the model."""
    if not callable(classifier) or not isinstance(getattr(classifier, "schedule", None), Schedule):
        raise ValueError(
            f"classifier must be a NoisyClassifier, or its name, not {classifier!r:.80}"
        )
    knows, draws = classifier.network, denoiser.network
    if knows.shape != draws.shape:
        raise ValueError(
            f"the classifier knows pictures {knows.shape}, the model has {draws.shape}"
        )
    if classifier.schedule.device != denoiser.schedule.device:
        raise ValueError(f"load the classifier on the model's device, {denoiser.schedule.device}")
