"""Flow maps: the sampler on an exact one, the network, and what a run of distillation makes."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

import ddpm
from ddpm.checkpoint import build_schedule
from ddpm.config import Config, DiffusionConfig, DistillConfig, TrainConfig
from ddpm.data.images import to_uint8
from ddpm.exchange.diffusers_export import export_diffusers
from ddpm.networks.flow_map import FlowMap
from ddpm.networks.network import PICTURE, Condition, Network, as_condition
from ddpm.networks.unet import Unet
from ddpm.sampling.guidance import towards
from ddpm.sampling.sample import begin
from ddpm.sampling.samplers import Step, flow_map
from ddpm.systems.training import run_distillation
from ddpm.training.distillation import moments, student
from ddpm.training.distillation.flow_map import flow_map_loss
from ddpm.training.distillation.trajectories import TO_PICTURE, draw, load
from ddpm.training.state import TrainState
from devtools.runs import assert_same_run

MU, S = 0.1, 0.2  # pixels ~ N(MU, S²): five deviations stay within [-1, 1]
SCHEDULE = build_schedule(Config(diffusion=DiffusionConfig(T=100)))
close = torch.testing.assert_close


def signal(t: torch.Tensor) -> torch.Tensor:
    """ᾱ, of the picture too."""
    acp = SCHEDULE.exact_alphas_cumprod[t.clamp(min=0)].masked_fill(t == PICTURE, 1.0)
    return acp.reshape(-1, 1, 1, 1)


def moved(x: torch.Tensor, t: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    """Where the exact flow takes x: each quantile of the pixels at t to that at the end."""
    (m, s), (m_end, s_end) = (
        (acp.sqrt() * MU, (acp * S**2 + 1 - acp).sqrt()) for acp in (signal(t), signal(end))
    )
    return m_end + s_end * (x - m) / s


class Exact(Network):
    """The v of the exact flow map; without an end, to the picture."""

    shape, num_classes = (1, 8, 8), None

    def forward(self, x, t, condition=None):
        end = as_condition(condition).end
        end = torch.full_like(t, PICTURE) if end is None else end
        acp, acp_end = signal(t), signal(end)
        of_x = ((1 - acp_end) / (1 - acp)).sqrt()
        x_start = (moved(x, t, end) - of_x * x) / (acp_end.sqrt() - of_x * acp.sqrt())
        return ((acp.sqrt() * x - x_start) / (1 - acp).sqrt()).to(x.dtype)


class Gaussian(Network):
    """The exact v of these pixels, whose solver follows the paths."""

    shape, num_classes = (1, 8, 8), None

    def forward(self, x, t, condition=None):
        acp = SCHEDULE.alphas_cumprod[t].reshape(-1, 1, 1, 1)
        eps = (1 - acp).sqrt() * (x - acp.sqrt() * MU) / (acp * S**2 + 1 - acp)
        return (eps - (1 - acp).sqrt() * x) / acp.sqrt()


EXACT, TEACHER = (ddpm.Denoiser(each, SCHEDULE, "v") for each in (Exact(), Gaussian()))


@pytest.mark.parametrize("times", [[99], [95, 50], [99, 80, 40, 10]], ids=len)
def test_each_call_ends_on_the_exact_path(times):
    x = torch.randn(20, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    steps = [*flow_map_steps(x, times)]
    assert [step.t for step in steps] == times
    for step, end in zip(steps, [*times[1:], PICTURE], strict=True):
        start, to = (torch.full((20,), each) for each in (times[0], end))
        close(step.x, moved(x, start, to), rtol=1e-4, atol=1e-4)


def flow_map_steps(x: torch.Tensor, times: list[int]) -> Iterator[Step]:
    return flow_map(towards(EXACT, None, times), SCHEDULE, x, times, clip=False)


def test_pairs_are_of_one_path_and_the_exact_flow_has_no_loss():
    """The states that the teacher's solver visits are nearly those of the exact flow, and so little
    is left of the loss."""
    config = Config(distill=DistillConfig(calls=50, flow_map=True))
    config = replace(config, unet=replace(config.unet, num_classes=None))
    x, t, later, end, labels = batch = next(draw(TEACHER, 300, config).pairs(300, seed=0))
    assert labels is None and (end < t).all()
    to_picture = (end == PICTURE).double().mean().item()
    shorter = 1 / 50 * sum(1 / k for k in range(1, 51))  # of the others, by chance
    assert to_picture == pytest.approx(TO_PICTURE + (1 - TO_PICTURE) * shorter, abs=0.1)
    close(later.double(), moved(x.double(), t, end), rtol=0, atol=0.03)
    generator = torch.Generator()
    exact = flow_map_loss(EXACT, batch, config, generator)
    other = flow_map_loss(EXACT, (x, t, later.flip(0), end, None), config, generator)
    assert exact < 0.005 and other > 0.05


def test_the_last_share_of_pairs_are_the_jumps_of_few_calls_as_many_for_each_number_of_them():
    config = Config(distill=DistillConfig(calls=50, flow_map=True))
    config = replace(config, unet=replace(config.unet, num_classes=None))
    paths = draw(TEACHER, 300, config)
    calls = [[int(paths.times[k]) for k in at] for at in ([0], [0, 30], [0, 10, 20, 40])]
    x, t, later, end, _ = next(paths.pairs(300, seed=0, calls=calls))
    jumps = Counter(zip(t.tolist(), end.tolist(), strict=True))
    wanted = {
        jump: 100 // len(times)
        for times in calls
        for jump in zip(times, [*times[1:], PICTURE], strict=True)
    }
    assert jumps == wanted
    close(later.double(), moved(x.double(), t, end), rtol=0, atol=0.03)


def test_with_the_weights_of_a_unet_it_starts_as_that_one(tiny_config):
    unet = Unet(tiny_config.unet).eval()
    network = FlowMap(tiny_config.unet).eval()
    network.load_state_dict(network.state_dict() | unet.state_dict())
    x, t, end = torch.randn(3, *unet.shape), torch.tensor([40, 20, 5]), torch.tensor([30, 3, -1])
    labels = torch.tensor([0, 1, 2])
    close(network(x, t, Condition(labels=labels, end=end)), unet(x, t, labels))
    torch.nn.init.normal_(network.end_mlp[-1].weight)
    whole = network(x, t, labels)
    given = network(x, t, Condition(labels=labels, end=end))
    close(given[2], whole[2])  # without an end: to the picture
    assert not torch.allclose(given[:2], whole[:2])


# ------------------------------------------------------------------ runs and their checkpoints

GIVEN = Config(
    train=TrainConfig(steps=4, batch_size=6, warmup=1),
    distill=DistillConfig(flow_map=True, few=0.5, trajectories=12, calls=5),
)


def test_a_run_makes_one_that_draws_without_noise_and_goes_on(saved, garments, tmp_path):
    out, further = tmp_path / "flow", tmp_path / "further"
    run_distillation(out, saved, GIVEN, garments)
    drawn = ddpm.load_checkpoint(out, "cpu")
    asked = begin(ddpm.load_checkpoint(saved, "cpu"), 1, steps=5).timesteps
    own = {"1": asked[:1], "2": [asked[0], asked[3]], "4": [asked[k] for k in (0, 1, 2, 3)]}
    assert drawn.info["sampling"] == {"sampler": "flow_map", "steps": 4, "times": own}
    assert isinstance(drawn.model.network, FlowMap)
    assert begin(drawn, 1).timesteps == own["4"]
    noise = torch.randn(2, *drawn.model.network.shape)
    first, second = (
        ddpm.sample(drawn, 2, labels=[0, 1], noise=noise, seed=seed) for seed in (0, 5)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, ddpm.sample(drawn, 2, labels=[0, 1], noise=noise, steps=2))
    assert ddpm.sample(drawn, 2, sampler="consistency", steps=2).isfinite().all()
    run_distillation(further, saved, replace(GIVEN, distill=DistillConfig()), garments, start=out)
    on = ddpm.load_checkpoint(further, "cpu")
    assert on.info["sampling"] == drawn.info["sampling"] and on.config.distill.flow_map
    with pytest.raises(ValueError, match="leave it out"):
        run_distillation(tmp_path / "x", saved, GIVEN, garments, classifier="noisy_classifier")


def test_one_that_begins_as_a_finished_student_learns_the_paths(saved, garments, tmp_path):
    """And not moments, as a student does that goes on."""
    fresh, begun, fewer = (tmp_path / name for name in ("fresh", "begun", "fewer"))
    run_distillation(fewer, saved, replace(GIVEN, distill=DistillConfig(trajectories=12)), garments)
    for out, start in ((fresh, None), (begun, fewer)):
        run_distillation(out, saved, GIVEN, garments, start=start)
    found = [ddpm.load_checkpoint(out, "cpu") for out in (fresh, begun)]
    assert found[0].info["sampling"] == found[1].info["sampling"]
    assert found[0].config.distill == found[1].config.distill == GIVEN.distill
    assert [len(load(found[1].config, found[1].info["made_by"], begun).x_start)] == [12]


@pytest.mark.parametrize(("lesson", "steps"), [("learn_flow_map", 1), ("learn_flow_map", 3),
                                               ("train", 2)])  # fmt: skip
def test_a_resumed_run_is_as_if_never_stopped(
    saved, garments, tmp_path, monkeypatch, lesson, steps
):
    """A flow map that begins, in either share of its steps, and one that goes on."""
    whole, stopped, start = tmp_path / "whole", tmp_path / "stopped", None
    if lesson == "train":
        start = tmp_path / "start"
        run_distillation(start, saved, GIVEN, garments)
    run_distillation(whole, saved, GIVEN, garments, start=start)
    learn = getattr(student, lesson)
    monkeypatch.setattr(student, lesson, lambda *given: itertools.islice(learn(*given), steps))
    run_distillation(stopped, saved, GIVEN, garments, start=start)
    monkeypatch.undo()
    run_distillation(stopped, data=garments, resume=True)
    assert_same_run(stopped, whole)


def test_moments_are_of_where_its_paths_end_and_it_keeps_to_them(monkeypatch):
    """After one call and two, without new noise between them. So to ends that are moved, the loss
    grows by as much."""
    config = Config(distill=DistillConfig(flow_map=True))
    monkeypatch.setattr(moments, "_features", lambda _, pictures, rng: [pictures.flatten(1)] * 2)
    noise = torch.randn(60, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    t = torch.full((60,), 99)
    ends = moved(noise.double(), t, torch.full_like(t, PICTURE)).float()
    real = to_uint8(ends)

    def found(ends: torch.Tensor) -> float:
        state = TrainState(torch.nn.Linear(1, 1), config.train)
        loss = moments.moments_loss(TEACHER, real, [[99], [99, 40]], state)
        generator = torch.Generator().manual_seed(0)
        return loss(EXACT, (noise, t, ends, None), config, generator).item()

    assert found(ends) == pytest.approx(0, abs=0.02)
    assert found(ends + 0.3) - found(ends) == pytest.approx(0.3, abs=0.02)


def test_whole_paths_lead_from_pure_noise_to_the_picture():
    config = Config(distill=DistillConfig(calls=50, flow_map=True))
    config = replace(config, unet=replace(config.unet, num_classes=None))
    noise, t, x_start, labels = next(draw(TEACHER, 100, config).whole(100, seed=0))
    assert labels is None and noise.std().item() == pytest.approx(1, abs=0.05)
    ends = moved(noise.double(), t, torch.full_like(t, PICTURE))
    close(x_start.double(), ends, rtol=0, atol=0.03)


@pytest.mark.parametrize("flow", [True, False])
def test_who_can_draw_with_it(saved, garments, tmp_path, flow):
    given = replace(GIVEN, distill=replace(GIVEN.distill, flow_map=flow))
    run_distillation(tmp_path / "out", saved, given, garments)
    drawn = ddpm.load_checkpoint(tmp_path / "out", "cpu")
    if flow:
        with pytest.raises(ValueError, match="does not draw from distilled models"):
            ddpm.sample(drawn, 1, sampler="ddim")
        with pytest.raises(ValueError, match="no pipeline of diffusers tells it"):
            export_diffusers(drawn, tmp_path / "pipeline")
        return
    with pytest.raises(ValueError, match="told where they go"):
        ddpm.sample(drawn, 1, sampler="flow_map")
