"""A finished student goes on: what it draws gets the mean and the covariance of real pictures.

Matching compares one picture at a time, and a student that draws a little too pale, or a kind of
garment too seldom, isn't told. The Fréchet distance between all of its pictures and real ones says
it, and has a gradient (Mathiasen & Hvilshøj 2020). The few pictures of a batch don't have moments
worth the name, but those of the last hundred batches do; and given these, the slope of the
distance in each feature of each new picture is known in closed form.

The features are the pixels, and what the teacher sees on its way down, in the picture after a
little noise and after more. No classifier has a word, nor has an encoder that pictures are measured
by.

Moments don't say which garment a noise should lead to, so a student comes to draw others than its
teacher. A flow map can stay with it: it has no noise between its calls, so that where its teacher's
path ends is as clear after four calls as after one, and is asked for beside the moments.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from ddpm.config import Config, DistillConfig
from ddpm.data.images import to_float
from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.process import q_sample, randn_like
from ddpm.networks.bf16 import computes_in_bf16
from ddpm.networks.unet import Encoder
from ddpm.training.distillation.distill import jump, placed, pseudo_huber
from ddpm.training.distillation.flow_map import flow_step
from ddpm.training.losses import Loss, drop_labels
from ddpm.training.state import TrainState

NOISES = (0.05, 0.4)  # of the schedule, at which the teacher looks
PIXELS = 0  # of all kinds of features, the first
PLACES = 3  # a side, of which features are means; and of the whole picture
COMPONENTS = 128  # principal ones, of each kind of feature
REAL = 20_000  # pictures, at most, that the moments of real ones are taken of
WINDOW = 100  # batches, that the student's moments are a mean of: the newest count most
BATCH = 250  # real pictures at a time
Look = Callable[[Tensor, torch.Generator], list[Tensor]]
LEAST = 1e-9  # of an eigenvalue, to the largest


def moments_loss(
    teacher: Denoiser, real: Tensor, calls: Sequence[Sequence[int]], state: TrainState
) -> Loss:
    """The loss of a student, of a batch (pictures, labels) whose labels it draws: how far its
    pictures, in equal shares after these calls, the times of each, are from the `real` ones, uint8
    (N, C, H, W); the mean over shares, of the distance in pixels and the mean of the others. Of a
    flow map a batch is one of `Trajectories.whole`, whose ends its pictures keep to. The student's
    moments are kept in `state`. Gradients reach the last call alone."""
    look, targets = partial(_features, teacher), list[_Real]()

    def loss(student: Denoiser, batch: tuple, config: Config, rng: torch.Generator) -> Tensor:
        assert config.distill is not None
        if not targets:
            targets.extend(_of_real(real, look))
        noise, labels, ends = _begun(batch, config, rng, student.schedule.device)
        pictures = _last_calls(student, noise, labels, calls, rng, config.distill).clamp(-1, 1)
        parts = []
        for kind, key, seen, target in shares(pictures, rng):
            mean, second = _kept(state, key, seen, target)
            distance, slope = target.distance(mean, second - mean.outer(mean), seen.detach())
            # the value of the one, with the gradient of the other
            part = (slope * seen).sum(1).mean()
            weight = 1 if kind == PIXELS else 1 / (len(targets) - 1)
            parts.append(weight * (part - part.detach() + distance))
        off = torch.stack(parts).sum() / len(calls)
        return off if ends is None else off + pseudo_huber(pictures, ends).mean()

    def shares(pictures: Tensor, rng: torch.Generator) -> Iterator[tuple[int, str, Tensor, _Real]]:
        for kind, (seen, target) in enumerate(zip(look(pictures, rng), targets, strict=True)):
            for number, part in enumerate(target.places(seen).chunk(len(calls))):
                yield kind, f"{number}.{kind}", part, target

    return loss


@dataclass(frozen=True)
class _Real:
    """The moments of one kind of feature of real pictures."""

    mean: Tensor  # (features,)
    basis: Tensor  # (features, D): the first principal components
    variance: Tensor  # float64 (D,): in these, the covariance is diagonal

    @classmethod
    def of(cls, features: Tensor) -> "_Real":
        """Of (N, features)."""
        features = features.double()
        variance, basis = torch.linalg.eigh(torch.cov(features.T))
        variance, basis = variance[-COMPONENTS:].clamp(min=0), basis[:, -COMPONENTS:]
        return cls(features.mean(0).float(), basis.float(), variance)

    def places(self, features: Tensor) -> Tensor:
        """Of (B, features), from the mean: (B, D)."""
        return (features - self.mean) @ self.basis

    def distance(self, mean: Tensor, covariance: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """The Fréchet distance (Heusel et al. 2017) of places with this mean m (D,) and covariance
        C (D, D), over the variance of real ones; and its slope in each f of `seen` (B, D), which
        they came of: 2 m + 2 (1 - R (R C R)^-½ R) (f - m), where R² is the real covariance."""
        root, total = self.variance.sqrt(), self.variance.sum()
        values, vectors = torch.linalg.eigh(root[:, None] * covariance.double() * root)
        roots = values.clamp(min=LEAST * values[-1].item()).sqrt()
        scaled = root[:, None] * vectors
        spread = torch.eye(len(root), device=root.device) - (scaled / roots) @ scaled.T
        mean, seen = mean.double(), seen.double()
        distance = mean.square().sum() + covariance.trace() + total - 2 * roots.sum()
        slope = 2 * (mean + (seen - mean) @ spread)
        return (distance / total).float(), (slope / total).float()


def _kept(state: TrainState, key: str, seen: Tensor, real: _Real) -> tuple[Tensor, Tensor]:
    """The mean (D,) and the second moment (D, D) of all places that came so far, and now of these
    (B, D). They begin as the real ones: until more has come, there is nothing to mend."""
    seen = seen.detach()
    now = torch.cat((seen.mean(0)[None], seen.T @ seen / len(seen)))
    now = state.accelerator.reduce(now, "mean")
    assert isinstance(now, Tensor)
    if key not in state.memory:
        begun = real.variance.float().diag()
        state.memory[key] = torch.cat((torch.zeros_like(begun[:1]), begun))
    kept = state.memory[key] = state.memory[key].lerp(now, 1 / WINDOW)
    return kept[0], kept[1:]


def _begun(
    batch: tuple, config: Config, rng: torch.Generator, device: torch.device
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """The noise, and the labels, that pictures are drawn of; and where its paths end, if the batch
    is one of `Trajectories.whole`."""
    assert config.distill is not None
    if config.distill.flow_map:
        noise, _, ends, labels = placed(batch, device)
        return noise, labels, ends
    labels = drop_labels(batch[1], config, rng, device)
    return randn_like(batch[0].to(device), rng), labels, None


def _last_calls(
    student: Denoiser,
    noise: Tensor,
    labels: Tensor | None,
    calls: Sequence[Sequence[int]],
    rng: torch.Generator,
    settings: DistillConfig,
) -> Tensor:
    """Pictures of this noise (B, C, H, W), in equal shares after these calls."""
    schedule = student.schedule
    states = list(noise.chunk(len(calls)))
    asked = [None] * len(calls) if labels is None else labels.chunk(len(calls))
    at = []
    with torch.no_grad():
        for k, times in enumerate(calls):
            t = torch.full((len(states[k]),), times[0], device=schedule.device)
            for later in times[1:]:
                now, t = t, torch.full_like(t, later)
                if settings.flow_map:
                    states[k] = flow_step(student, states[k], now, asked[k], t)
                else:
                    picture = jump(student, states[k], now, asked[k]).clamp(-1, 1)
                    states[k] = q_sample(schedule, picture, t, randn_like(picture, rng))
            at.append(t)
    whole = torch.cat(states).to(memory_format=torch.channels_last)
    return jump(student, whole, torch.cat(at), labels)


def _of_real(images: Tensor, look: Look) -> list[_Real]:
    """The moments of each kind of feature, of `REAL` of these pictures."""
    rng = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(images), generator=rng)[:REAL]
    with torch.no_grad():
        seen = [look(to_float(images[part]), rng) for part in chosen.split(BATCH)]
    return [_Real.of(torch.cat(each)) for each in zip(*seen, strict=True)]


def _features(teacher: Denoiser, pictures: Tensor, rng: torch.Generator) -> list[Tensor]:
    """Of pictures (B, C, H, W), each (B, features): the pixels, then what the teacher sees, at each
    of `NOISES` and after each of its levels and the middle: the mean of the whole, and of `PLACES`
    a side."""
    encoder, schedule = teacher.network, teacher.schedule
    assert isinstance(encoder, Encoder)
    pictures = pictures.to(schedule.device, memory_format=torch.channels_last)
    found = [pictures.flatten(1)]
    for noise in NOISES:
        t = torch.full((len(pictures),), round(noise * schedule.T), device=schedule.device)
        x = q_sample(schedule, pictures, t, randn_like(pictures, rng))
        kind = schedule.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=computes_in_bf16(schedule.device)):
            middle, skips = encoder.encode(x, encoder.embed(t))
        for places in (1, PLACES):
            layers = (F.adaptive_avg_pool2d(h.float(), places) for h in (*skips[1:], middle))
            found += [layer.flatten(1) for layer in layers]
    return found
