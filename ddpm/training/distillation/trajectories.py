"""A teacher's paths from noise to a picture: drawn once, and kept in the folder of the run."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ddpm.checkpoint import Part, load_tensors, save_tensors
from ddpm.config import Config
from ddpm.data.batches import shuffled
from ddpm.data.images import to_float, to_uint8
from ddpm.diffusion.denoiser import Denoiser
from ddpm.networks.network import PICTURE
from ddpm.sampling.bf16 import in_bf16
from ddpm.sampling.sample import begin
from ddpm.training.losses import stratified

FOLDER = "trajectories"
TO_PICTURE = 0.4  # of the pairs of a flow map
BLOCK = 500  # paths in a file: an interrupted drawing goes on with the next file
# Of the noise. Pictures are drawn and measured with the seeds below; a generator knows 32 bits.
FIRST_SEED, APART = 2**31, 10_000_000


@dataclass(frozen=True)
class Trajectories:
    """N paths under a schedule of T times, through P states each."""

    T: int
    times: Tensor  # int64 (P,), falling: when the teacher was asked
    x: Tensor  # float16 (N, P, C, H, W), the state at each of these times
    x_start: Tensor  # uint8 (N, C, H, W), where the path ends
    labels: Tensor | None  # int64 (N,); the number of classes means "no label"

    def batches(
        self, batch_size: int, *, seed: int, start: int = 0, stride: int = 1
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor | None]]:
        """Endless batches (x_t, t, x_0, labels): of each path one state, evenly from all times.

        They are numbered as those of `ddpm.data.batches`. A path's first state is pure noise, which
        looks the same at every later time, so its t is any of them.
        """
        first = int(self.times[0])
        for number, chosen in shuffled(len(self.x_start), batch_size, seed, start, stride):
            draw = torch.Generator().manual_seed(seed * 1_000_003 + number)
            at = (stratified(batch_size, draw) * len(self.times)).long()
            of_noise = torch.randint(first, self.T, (batch_size,), generator=draw)
            t = torch.where(at == 0, of_noise, self.times[at])
            labels = None if self.labels is None else self.labels[chosen]
            yield self.x[chosen, at].float(), t, to_float(self.x_start[chosen]), labels

    def whole(
        self, batch_size: int, *, seed: int, start: int = 0, stride: int = 1
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor | None]]:
        """As `batches`, of each path the first state."""
        for _, chosen in shuffled(len(self.x_start), batch_size, seed, start, stride):
            labels = None if self.labels is None else self.labels[chosen]
            t = self.times[:1].expand(batch_size)
            yield self.x[chosen, 0].float(), t, to_float(self.x_start[chosen]), labels

    def pairs(
        self,
        batch_size: int,
        *,
        seed: int,
        calls: Sequence[Sequence[int]] | None = None,
        start: int = 0,
        stride: int = 1,
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, Tensor | None]]:
        """Endless batches (x_t, t, x_s, s, labels), numbered as those of `batches`: of each path
        one state, evenly from all times, and a later one, which in `TO_PICTURE` of them is where
        the path ends, at s = `PICTURE`. Or only the jumps that these calls make, the times of each:
        as many for each number of calls."""
        last = len(self.times)
        ends = torch.cat((self.times, torch.tensor([PICTURE])))
        jumps = None if calls is None else self._jumps(calls)
        for number, chosen in shuffled(len(self.x_start), batch_size, seed, start, stride):
            draw = torch.Generator().manual_seed(seed * 1_000_003 + number)
            if jumps is None:
                at = (stratified(batch_size, draw) * last).long()
                far, whole = torch.rand(2, batch_size, generator=draw)
                to = (at + 1 + (far * (last - at)).long()).masked_fill(whole < TO_PICTURE, last)
            else:
                one = (stratified(batch_size, draw) * jumps.shape[1]).long()
                at, to = jumps[:, one]
            later = self.x[chosen, to.clamp(max=last - 1)].float()
            at_end = (to == last).reshape(-1, 1, 1, 1)
            later = torch.where(at_end, to_float(self.x_start[chosen]), later)
            labels = None if self.labels is None else self.labels[chosen]
            yield self.x[chosen, at].float(), self.times[at], later, ends[to], labels

    def _jumps(self, calls: Sequence[Sequence[int]]) -> Tensor:
        """Which of the times each of these jumps begins and ends at, (2, jumps); those of few calls
        repeated until each number of calls has as many."""
        place = {int(t): k for k, t in enumerate(self.times)}
        each = math.lcm(*map(len, calls))
        jumps = []
        for times in calls:
            at = [place[t] for t in times]
            jumps += list(zip(at, [*at[1:], len(self.times)], strict=True)) * (each // len(at))
        return torch.tensor(jumps).T


def draw(teacher: Part | Denoiser, count: int, config: Config, *, first: int = 0) -> Trajectories:
    """`count` paths, from the `first` on, with the teacher's own best sampler at guidance 1; a
    model from a file in bfloat16, where the processor computes in it."""
    assert config.distill is not None
    if isinstance(teacher, Part):
        teacher = replace(teacher, model=in_bf16(teacher.model))
    classes = config.unet.num_classes
    labels = None
    if classes is not None:
        seed = torch.Generator().manual_seed(config.train.seed * 1_000_003 + first)
        hidden = torch.rand(count, generator=seed) < config.train.label_dropout
        labels = (torch.arange(first, first + count) % classes).masked_fill(hidden, classes)
    seed = FIRST_SEED + config.train.seed % 200 * APART + first
    run = begin(teacher, count, labels=labels, steps=config.distill.calls, seed=seed)
    states = [run.x, *(step.x for step in run.steps)]
    x = torch.stack(states[:-1], dim=1).half().cpu()
    times = torch.tensor(run.timesteps)
    return Trajectories(config.diffusion.T, times, x, to_uint8(states[-1]).cpu(), labels)


def draw_all(teacher: Part, made_by: str, config: Config, out: Path) -> None:
    """Draw what is still missing of a run's trajectories into its folder `out`."""
    assert config.distill is not None
    for first in tqdm(range(0, config.distill.trajectories, BLOCK), unit="block", leave=False):
        file = _file(out, first)
        if file.exists():
            _check(file, config, made_by)
            continue
        count = min(BLOCK, config.distill.trajectories - first)
        drawn = draw(teacher, count, config, first=first)
        tensors = {k: v for k, v in vars(drawn).items() if isinstance(v, Tensor)}
        save_tensors(file, tensors, config, {"teacher": made_by})


def load(config: Config, made_by: str, out: Path) -> Trajectories:
    """What `draw_all` has drawn for a run. ValueError or CheckpointError if it is not all there."""
    assert config.distill is not None
    firsts = range(0, config.distill.trajectories, BLOCK)
    blocks = [_check(_file(out, first), config, made_by) for first in firsts]
    x, x_start = (torch.cat([block[name] for block in blocks]) for name in ("x", "x_start"))
    labels = torch.cat([block["labels"] for block in blocks]) if "labels" in blocks[0] else None
    return Trajectories(config.diffusion.T, blocks[0]["times"], x, x_start, labels)


def _file(out: Path, first: int) -> Path:
    return out / FOLDER / f"{first:07}.safetensors"


def _check(file: Path, config: Config, made_by: str) -> dict[str, Tensor]:
    """The tensors of a block. ValueError unless this teacher drew it with these settings."""
    tensors, theirs, info = load_tensors(file)
    if (info.get("teacher"), _drawn_with(theirs)) != (made_by, _drawn_with(config)):
        raise ValueError(
            f"{file} was drawn by another teacher, or with other settings: delete {file.parent}, "
            "or choose another --out"
        )
    return tensors


def _drawn_with(config: Config) -> tuple:
    """All settings that a path depends on, besides the teacher."""
    assert config.distill is not None
    of_pictures = config.unet.shape, config.unet.num_classes
    train = config.train
    return of_pictures, config.diffusion, config.distill.calls, train.seed, train.label_dropout
