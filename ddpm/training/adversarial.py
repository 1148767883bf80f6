"""The last stage of a distillation: a critic learns to tell a student's pictures from real ones,
and the student to draw what the critic takes for real (Sauer et al. 2023 and 2024).

A mean of distances is least for a blurred picture: where the student can't know which picture its
noise leads to, the ends of its teacher's paths alone teach it their mean. A critic doesn't forgive
blur. It sees pictures after noise (Wang et al. 2023), so that it judges shapes as well as pixels.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor
from torch.func import functional_call

from ddpm.checkpoint import build_network
from ddpm.config import Config
from ddpm.diffusion.process import Denoiser, q_sample, randn_like
from ddpm.networks.critic import Critic
from ddpm.networks.unet import Unet
from ddpm.schedules import Schedule
from ddpm.training.distill_losses import ends
from ddpm.training.loop import TrainState, TrainStep, train
from ddpm.training.losses import hide_some, stratified

WEIGHT = 0.1  # of the critic's word, where the distance to the end of the path weighs 1
JUDGED = 0.5  # the critic sees pictures after noise of t < this share of T


class DistillState(TrainState):
    """What a distillation changes: the student, and the critic of its last stage, if it has one.
    The critic starts from the network given here."""

    def __init__(self, network: Unet, config: Config, accelerator=None):
        super().__init__(network, config.train, accelerator)
        self.critic: TrainState | None = None
        if adversarial_steps(config):
            critic: Critic = build_network(replace(config, network="critic"))
            critic.take_over(network.state_dict())
            self.critic = TrainState(critic, config.train, self.accelerator)

    def tensors(self) -> dict[str, Tensor]:
        tensors = super().tensors()
        if self.critic is not None:
            tensors |= {f"critic.{name}": tensor for name, tensor in self.critic.tensors().items()}
        return tensors

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        own = {name: tensor for name, tensor in tensors.items() if not name.startswith("critic.")}
        super().load_tensors(own)
        if self.critic is not None:
            theirs = tensors.keys() - own.keys()
            self.critic.load_tensors(
                {name.removeprefix("critic."): tensors[name] for name in theirs}
            )


def adversarial_steps(config: Config) -> int:
    """How many of the steps are in the last stage."""
    assert config.distill is not None
    return round(config.distill.adversarial * config.train.steps)


def adversarial(
    state: DistillState,
    schedule: Schedule,
    points: Iterator[tuple],
    real: Iterator[tuple[Tensor, Tensor | None]],
    config: Config,
) -> Iterator[TrainStep]:
    """From `state.step` to `config.train.steps`, yielding the student's steps. At each, the student
    draws from a batch of `points`, as `Trajectories.batches` gives them, and then the critic
    compares what was drawn with a batch (x, labels) of `real` pictures."""
    critic, accelerator = state.critic, state.accelerator
    assert critic is not None and config.distill is not None
    judge = accelerator.unwrap_model(critic.network)
    drawn: deque[tuple[Tensor, Tensor | None]] = deque()  # by the student, to be judged

    def draw_well(student: Denoiser, batch: tuple, config: Config, draw: torch.Generator) -> Tensor:
        with accelerator.autocast():
            pictures, distance, labels = ends(student, batch)
            # for the critic's weights, this is no lesson
            still = {name: weight.detach() for name, weight in judge.named_parameters()}
            judged = *seen(student.schedule, pictures, draw), labels
            scores = functional_call(judge, still, judged)
        drawn.append((pictures.detach(), labels))
        return distance - WEIGHT * scores.float().mean()

    def judge_well(rival: Denoiser, batch: tuple, config: Config, draw: torch.Generator) -> Tensor:
        """The hinge loss: real pictures get at least 1, drawn ones at most -1."""
        x_start, labels = batch
        device = rival.schedule.device
        x_start = x_start.to(device, memory_format=torch.channels_last)
        labels = hide_some(labels, config, draw, device)
        pictures, wanted = drawn.popleft()
        x, t = seen(rival.schedule, torch.cat([x_start, pictures]), draw)
        both = None if labels is None or wanted is None else torch.cat([labels, wanted])
        found, invented = rival.network(x, t, both).float().split([len(x_start), len(pictures)])
        return (1 - found).relu().mean() + (1 + invented).relu().mean()

    rate = config.distill.adversarial_rate
    own = replace(config, train=replace(config.train, learning_rate=rate))
    theirs = replace(own, train=replace(own.train, steps=adversarial_steps(config)))
    lessons = train(critic, schedule, real, theirs, judge_well)
    for step in train(state, schedule, points, own, draw_well):
        next(lessons)
        yield step


def seen(schedule: Schedule, pictures: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """What a critic sees of pictures (B, C, H, W): x_t and its times (B,)."""
    t = (stratified(len(pictures), draw) * JUDGED * schedule.T).long()
    # in an order of its own: neighbours in a batch of real and drawn pictures differ in kind
    t = t[torch.randperm(len(t), generator=draw)].to(schedule.device)
    return q_sample(schedule, pictures, t, randn_like(pictures, draw)), t
