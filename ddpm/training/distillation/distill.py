"""Distillation: a student that jumps from any noise level to the picture, in one call or a few.

A network that predicts v is a consistency function as it stands: √ᾱ x - √(1-ᾱ) v is x itself where
there is no noise. Its teacher's weights are where it starts. First it learns where the teacher's
own paths end (Hu et al. 2025); then, on the data, to agree with itself from one noise level to the
next: the consistency tuning of Geng et al. 2024; last, where the paths end once more, and in a way
that its teacher would draw it (matching.py), or that a classifier recognises. A finished student
can go on after that (moments.py). A flow map learns in another way (flow_map.py).
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from ddpm.checkpoint import Part
from ddpm.config import Config
from ddpm.data.batches import batches
from ddpm.data.dataset import Pictures
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import q_sample, randn_like
from ddpm.networks.network import Condition
from ddpm.sampling.guidance import TimedClassifier
from ddpm.schedules import Schedule
from ddpm.training.distillation.trajectories import Trajectories
from ddpm.training.loop import TrainStep, place, train
from ddpm.training.losses import Loss, drop_labels, stratified
from ddpm.training.state import TrainState

# Geng et al. 2024, with σ/α for their t: its logarithm is normal; and the earlier level, towards
# which the later one is pulled, lies (1 + K sigmoid(-σ/α)) / Q of the way to 0.
LOG_MEAN, LOG_STD = -0.8, 2.0
Q, K = 256, 8.0
HUBER = 0.00054  # c of Song & Dhariwal 2024, for a root mean square
# The classifier's word weighs this much, where the distance to the end of the path weighs 1; and it
# sees pictures after noise of t < this share of its T.
WORD, SEEN = 0.1, 0.7


def distill(
    state: TrainState,
    schedule: Schedule,
    trajectories: Trajectories,
    pictures: Pictures,
    config: Config,
    last: Loss | None = None,
) -> Iterator[TrainStep]:
    """All stages, from `state.step` to `config.train.steps`, yielding after each step as `train`
    does; like it, resumed from its state it goes on as if it had never stopped. The last stage,
    if the config has one, has the loss `last`: `judged_loss` or `matched_loss`."""
    assert config.distill is not None
    seed, size = config.train.seed, config.train.batch_size
    regressed, tuned = stage_ends(config)

    if state.step < regressed:
        feed = trajectories.batches(size, seed=seed, **place(state, state.step))
        feed = until(regressed, feed, state, config)
        yield from train(state, schedule, feed, config, regression_loss)
    # in float32 from here on: what is left between two levels is less than bf16 rounds off
    state.accelerator.unwrap_model(state.network, keep_fp32_wrapper=False)
    if state.step < tuned:
        labels = pictures.labels if config.unet.num_classes is not None else None
        at = place(state, state.step - regressed)
        feed = batches(pictures.images, labels, size, seed=seed, **at)
        rate = replace(config.train, learning_rate=config.distill.tuning_rate)
        feed, tuning = until(tuned, feed, state, config), replace(config, train=rate)
        yield from train(state, schedule, feed, tuning, consistency_loss)
    if state.step < config.train.steps:
        assert last is not None
        points = trajectories.batches(size, seed=seed, **place(state, state.step - tuned))
        rate = replace(config.train, learning_rate=config.distill.judged_rate)
        yield from train(state, schedule, points, replace(config, train=rate), last)


def until(end: int, feed: Iterator[tuple], state: TrainState, config: Config) -> Iterator[tuple]:
    """Batches for the steps that are left of a stage."""
    return itertools.islice(feed, (end - state.step) * config.train.accumulate)


def stage_ends(config: Config) -> tuple[int, int]:
    """After how many steps the first stage ends, and the second."""
    assert config.distill is not None
    steps = config.train.steps
    tuned = steps - round(config.distill.judged * steps)
    return min(round(config.distill.regression * steps), tuned), tuned


def regression_loss(
    student: Denoiser, batch: tuple, config: Config, rng: torch.Generator
) -> Tensor:
    """Of a batch of `Trajectories`: from each state to the end of its path."""
    return to_the_ends(student, batch)[0].mean()


def judged_loss(classifier: TimedClassifier) -> Loss:
    """`regression_loss`, with the word of a classifier that stays as it is: the higher the logit
    that it gives the picture's class, after noise, the better.

    A mean of distances is least for a mean of pictures: where the student can't tell which picture
    its noise leads to, paths alone teach it blur, which no classifier takes for a garment. As the
    distillation of Sauer et al. 2023, which has a critic that goes on learning; one that starts as
    this classifier forgets in 600 steps what it knew. A picture without a label has the class that
    the classifier sees at the end of its path.
    """

    def loss(student: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
        distance, pictures, x_start, labels = to_the_ends(student, batch)
        at_end = torch.zeros(len(x_start), dtype=torch.long, device=x_start.device)
        with torch.no_grad():
            wanted = classifier(x_start, at_end).argmax(1)
        if labels is not None:
            wanted = torch.where(labels == config.unet.num_classes, wanted, labels)
        t = (torch.rand(len(pictures), generator=rng) * SEEN * classifier.schedule.T).long()
        t = t.to(pictures.device)
        x = q_sample(classifier.schedule, pictures, t, randn_like(pictures, rng))
        return distance.mean() - WORD * classifier(x, t).gather(1, wanted[:, None]).mean()

    return loss


def to_the_ends(student: Denoiser, batch: tuple) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Of a batch of `Trajectories`: how far each of the student's pictures is from the end of its
    path (B,), these pictures, those ends, and the labels."""
    x, t, x_start, labels = placed(batch, student.schedule.device)
    pictures = jump(student, x, t, labels)
    return pseudo_huber(pictures, x_start), pictures, x_start, labels


def placed(batch: tuple, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """A batch of `Trajectories` on this device."""
    x, t, x_start, labels = batch
    x = x.to(device, memory_format=torch.channels_last)
    return x, t.to(device), x_start.to(device), None if labels is None else labels.to(device)


def consistency_loss(
    student: Denoiser, batch: tuple, config: Config, rng: torch.Generator
) -> Tensor:
    """Of a batch (x_0, labels): the picture that the student sees at a noise level, against the one
    that it sees at an earlier level, with the same noise. That one has no gradient, and is x_0
    itself once the level lies before the schedule's first.

    The weight 1/t² + 1 with t = σ/α is that of the paper for data of variance 1, which a network
    that predicts v takes them for.
    """
    x_start, labels = batch
    schedule = student.schedule
    x_start = x_start.to(schedule.device, memory_format=torch.channels_last)
    noise = randn_like(x_start, rng)
    labels = drop_labels(labels, config, rng, schedule.device)
    spread = torch.special.ndtri(stratified(len(x_start), rng)).float().to(schedule.device)
    least, most = (-schedule.log_snr[[0, -1]] / 2).exp()
    later = (LOG_MEAN + LOG_STD * spread).exp().clamp(least, most)
    earlier = later * (1 - (1 + K * (-later).sigmoid()) / Q)

    def seen(ratio: Tensor) -> Tensor:
        column = ratio.reshape(-1, 1, 1, 1)
        x = (x_start + column * noise) / (1 + column**2).sqrt()
        return jump(student, x, schedule.t_of_log_snr(-2 * ratio.log()), labels)

    with torch.no_grad():
        before_all = (earlier < least).reshape(-1, 1, 1, 1)
        target = torch.where(before_all, x_start, seen(earlier.clamp(min=least)))
    weight = 1 / later**2 + 1
    return (weight * pseudo_huber(seen(later), target)).mean()


def jump(
    student: Denoiser, x: Tensor, t: Tensor, labels: Tensor | None, end: Tensor | None = None
) -> Tensor:
    """The consistency function: x at time t to the picture at the end of its path; or what leads a
    flow map to the times `end` (B,) instead."""
    given = labels if end is None else Condition(labels=labels, end=end)
    return student.to_x_start(x, t, student.network(x, t, given))


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """(B,): the root mean square of a - b (B, …), rounded off at 0."""
    return ((a - b).square().flatten(1).mean(1) + HUBER**2).sqrt() - HUBER


def check_teacher(teacher: Part) -> None:
    """ValueError if a student can't start from this checkpoint."""
    config = teacher.config
    if config.network != "unet":
        raise ValueError("the teacher is a network of diffusers: no student here begins with one")
    if config.distill is not None:
        raise ValueError("the teacher is a student itself: distil from the model that taught it")
    if config.diffusion.objective != "v" or config.unet.learned_variance:
        raise ValueError(
            "the teacher must predict v alone, without a variance: it is trained with "
            f"--objective {config.diffusion.objective}"
            f"{' --learned-variance true' if config.unet.learned_variance else ''}"
        )


def check_alike(rule: str, theirs: Config, ours: Config) -> None:
    """ValueError, which says this rule, unless both predict the same thing of the same x_t."""
    for what, wanted, found in (
        ("network", theirs.network, ours.network),
        ("pictures", theirs.unet.shape, ours.unet.shape),
        ("classes", theirs.unet.num_classes, ours.unet.num_classes),
        ("schedule and objective", theirs.diffusion, ours.diffusion),
        ("distillation", None, theirs.distill or ours.distill),
        ("learned variance", False, ours.unet.learned_variance),
    ):
        if found != wanted:
            raise ValueError(f"{rule}: {what} must be {wanted}, not {found}")
