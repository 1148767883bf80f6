"""Points in the plane in JavaScript against Python, in one process of Node for all cases."""

from pathlib import Path

import gradio as gr
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

import ddpm
from ddpm.diffusion.ideal import exact_eps
from ddpm.sampling import samplers
from page.tabs.generate.plane import plane, plane_program

CASES = Path(__file__).parent / "points_cases.mjs"
NOISE = torch.randn(2 * 40, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
TEXTS = ("linear", "cosine", "rectified_flow", "drawn~0_12~0.4_1.5~1_-9")
WAYS = [
    {"sampler": sampler, "cloud": cloud, "text": text} | guided
    for sampler, calls, cloud, text in (
        ("ddpm", 50, "moons", "linear"),
        ("ddim", 1, "spiral", "cosine"),
        ("ddim", 1000, "checkerboard", "cosine"),
        ("dpm_solver", 20, "gaussians", "drawn~0_12~0.4_1.5~1_-9"),
        ("deis", 12, "moons", "rectified_flow"),
    )
    for guided in (
        {"calls": calls, "guidance": 1},
        {"calls": min(calls, 20), "guidance": 2.5, "label": 1},
        {"calls": min(calls, 20), "guidance": 2, "guide": "worse"},
    )
]
LINKS = [
    {"cloud": "moons", "sampler": "ddpm", "schedule": "linear"},
    {"cloud": "checkerboard", "way": "flow", "calls": 7, "seed": 3},
    {"cloud": "gaussians", "guide": "class", "label": 5, "scale": 1.5},
    {"cloud": "spiral", "guide": "worse", "sampler": "dpm_solver"},
    {"cloud": "moons", "way": "reflow", "calls": 2, "seed": 1},
]
SHIFT = torch.tensor([0.7, -1.2], dtype=torch.float64)


def in_plane(numbers) -> Tensor:
    """Points as `ddpm` has pictures: (N, 1, 1, 2)."""
    return torch.as_tensor(numbers, dtype=torch.float64).reshape(-1, 1, 1, 2)


@pytest.fixture(scope="module")
def answers(in_node) -> dict[str, list]:
    noise, points = NOISE.tolist(), (NOISE * 0.7 - 0.1)[:50].tolist()
    ends = (in_plane(NOISE) - SHIFT.reshape(1, 1, 1, 2)).flatten().tolist()
    places = [(text, t) for text in TEXTS for t in (0, 70, 400.25, 999)]
    cases = [
        {"run": "clouds"},
        {"run": "dissolved", "text": "cosine", "x": points, "eps": noise[:50], "t": 300},
        *(
            {"run": "eps", "text": text, "points": points, "x": noise, "t": t, "blur": blur}
            for text, t in places
            for blur in (0, 0.5)
        ),
        *({"run": "sampled", "noise": noise, "seed": 9} | way for way in WAYS),
        {"run": "couples", "noises": noise, "ends": ends, "noise": noise[:20], "calls": 1},
        {"run": "couples", "noises": noise, "ends": ends, "noise": noise[:20], "calls": 4},
        *({"run": "linked", "settings": plane.LINKED.defaults({}) | link} for link in LINKS),
        {"run": "network", "x": noise, "wanted": points + noise[50:], "logSnr": -1.5},
        {"run": "learned"},
        {"run": "bent", "states": [[0, 0, 0, 0], [1, 1, 0, 2], [2, 2, 2, 0]]},
        {"run": "reflow", "cloud": "moons", "count": 300},
    ]
    found: dict[str, list] = {}
    for run, answers in in_node(CASES, cases).items():
        asked = [case for case in cases if case["run"] == run]
        found[run] = [*zip(asked, answers, strict=True)]
    return found


@pytest.fixture(scope="module")
def clouds(answers) -> dict[str, dict]:
    ((_, found),) = answers["clouds"]
    return {each["name"]: each for each in found}


def blurred(schedule: ddpm.Schedule, data: Tensor, blur: float):
    """ε = -√(1-ᾱ) ∇ log p(x_t) of a mixture of Gaussians, by PyTorch's own."""

    def eps_fn(x: Tensor, t: Tensor) -> Tensor:
        acp = schedule.log_snr_at(t.double()).double().sigmoid().reshape(-1)[0]
        if not t.is_floating_point():
            acp = schedule.exact_alphas_cumprod[t[0]]
        width = ((1 - acp) + acp * blur**2).sqrt()
        centers = acp.sqrt() * data.flatten(1)
        each = Independent(Normal(centers, width.expand_as(centers)), 1)
        with torch.enable_grad():
            flat = x.detach().flatten(1).requires_grad_()
            odds = Categorical(torch.ones(len(data), dtype=torch.float64))
            log_p = MixtureSameFamily(odds, each).log_prob(flat)
            (slope,) = torch.autograd.grad(log_p.sum(), flat)
        return (-(1 - acp).sqrt() * slope).view_as(x)

    return eps_fn


def test_clouds_are_as_wide_as_the_noise_and_their_classes_as_large(clouds):
    assert list(clouds) == ["moons", "spiral", "checkerboard", "gaussians"]
    for name, each in clouds.items():
        points, labels = in_plane(each["points"]).flatten(1), torch.tensor(each["labels"])
        assert points.std(0).sub(1).abs().max() < 0.25, name
        assert points.abs().max() < 2, name
        counts = labels.bincount(minlength=each["classes"]) / len(labels)
        assert counts.sub(1 / each["classes"]).abs().max() < 0.15, name


def test_a_cloud_dissolves_as_a_picture_does(answers):
    ((case, got),) = answers["dissolved"]
    x, eps = in_plane(case["x"]), in_plane(case["eps"])
    t = torch.full((len(x),), case["t"])
    expected = ddpm.q_sample(ddpm.Schedule.named(case["text"], 1000), x, t, eps)
    torch.testing.assert_close(in_plane(got), expected, rtol=0, atol=1e-6)


def test_the_exact_denoiser_is_pythons(answers):
    """Also where points are blurred, and between two times."""
    for case, got in answers["eps"]:
        schedule, data = ddpm.Schedule.named(case["text"], 1000), in_plane(case["points"])
        x = in_plane(case["x"])
        t = torch.full((len(x),), case["t"])
        blur = case["blur"]
        eps_fn = blurred(schedule, data, blur) if blur else exact_eps(schedule, data)
        assert (in_plane(got) - eps_fn(x, t)).abs().max() < 1e-4, case


def of_python(case: dict, cloud: dict) -> list[Tensor]:
    schedule = ddpm.Schedule.named(case["text"], 1000)
    data, labels = in_plane(cloud["points"]), torch.tensor(cloud["labels"])
    away = towards = exact_eps(schedule, data)
    if "label" in case:
        towards = exact_eps(schedule, data[labels == case["label"]])
    elif "guide" in case:
        away = blurred(schedule, data, 0.5)

    def eps_fn(x: Tensor, t: Tensor) -> Tensor:
        return torch.lerp(away(x, t), towards(x, t), case["guidance"])

    times = ddpm.spaced_timesteps(schedule, case["calls"])
    seed = torch.Generator().manual_seed(case["seed"])
    steps = samplers.SAMPLERS[case["sampler"]](
        eps_fn, schedule, in_plane(case["noise"]), times, clip=False, generator=seed
    )
    return [step.x for step in steps]


def test_paths_are_pythons(answers, clouds, monkeypatch):
    """Of all samplers, with 1 to 1,000 calls, unguided, guided by a class and by a worse model."""
    monkeypatch.setattr(
        samplers, "randn_like", lambda x, seed: torch.randn(x.shape, generator=seed).to(x)
    )  # the noise of float32, which the browser draws, for states in float64
    for case, states in answers["sampled"]:
        expected = of_python(case, clouds[case["cloud"]])
        assert len(states) == len(expected) == case["calls"]
        for got, x in zip(states, expected, strict=True):
            assert (in_plane(got) - x).abs().max() < 1e-4, (case["sampler"], case["text"])


def test_couples_that_all_go_one_way_are_straight(answers):
    """The average of one velocity is that velocity: in closed form, with one call as with four."""
    schedule = ddpm.Schedule.named("rectified_flow", 1000)
    acp = schedule.exact_alphas_cumprod[-1]
    whole = acp.sqrt() + (1 - acp).sqrt()
    for case, got in answers["couples"]:
        expected = in_plane(case["noise"]) / whole - (1 - acp).sqrt() / whole * SHIFT
        assert (in_plane(got) - expected).abs().max() < 1e-8, case["calls"]


def test_reflow_straightens_the_paths_so_that_one_call_is_enough(answers):
    ((_, bent),) = answers["bent"]
    assert bent == pytest.approx(20 / 12)  # (0, 4), (4, -4) on the way (2, 0); (2, 2) is straight
    ((_, found),) = answers["reflow"]
    assert found["before"] > 1
    assert found["after"] < 0.05

    def off(ends: list) -> float:
        near = torch.cdist(in_plane(ends).flatten(1), in_plane(found["points"]).flatten(1))
        return float(near.min(1).values.mean())

    for calls, most in (("one", 0.25), ("two", 0.5)):
        before, after = (off(each) for each in found[calls])
        assert after < most * before, calls


def test_the_program_of_a_link_ends_where_the_page_does(answers, capsys):
    """From the same cloud and the same noise: all but the few points between two ways, on which
    the rounding of float32 decides."""
    for case, got in answers["linked"]:
        names: dict = {}
        exec(plane_program.program(case["settings"]), names)
        away = (names["ends"] - torch.tensor(got).reshape(-1, 2)).norm(dim=1)
        assert away.quantile(0.98) < 1e-3, case


def test_the_small_network_learns_as_pytorch_does(answers):
    """Its output, its gradients by hand, and three steps of Adam."""
    ((case, got),) = answers["network"]
    sizes = [len(bias) for _, bias in got["begin"]]
    inputs = [len(got["input"]) // (len(case["x"]) // 2), *sizes]
    layers = [torch.nn.Linear(a, b) for a, b in zip(inputs, sizes, strict=False)]

    def numbers(rows: list) -> list[Tensor]:
        return [torch.tensor(each).float() for pair in rows for each in pair]

    weights = [part for layer in layers for part in (layer.weight, layer.bias)]
    for own, begin in zip(weights, numbers(got["begin"]), strict=True):
        own.data = begin.view_as(own)
    hidden = [part for layer in layers[:-1] for part in (layer, torch.nn.SiLU())]
    network = torch.nn.Sequential(*hidden, layers[-1])
    x = torch.tensor(got["input"]).reshape(-1, inputs[0])
    wanted = torch.tensor(case["wanted"]).float().reshape(-1, 2)
    optimizer = torch.optim.Adam(weights, lr=0.01)
    assert (network(x).flatten() - torch.tensor(got["eps"])).abs().max() < 1e-5
    for k in range(3):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(network(x), wanted)
        loss.backward()
        if k == 0:
            assert got["loss"] == pytest.approx(loss.item(), rel=1e-5)
            for own, gradient in zip(weights, numbers(got["gradients"]), strict=True):
                assert own.grad is not None
                assert (own.grad.flatten() - gradient).abs().max() < 1e-5
        optimizer.step()
    for own, end in zip(weights, numbers(got["end"]), strict=True):
        # where a gradient is nearly 0, Adam takes its rounding for a direction
        assert (own.flatten() - end).abs().quantile(0.99) < 1e-4


def test_the_small_network_gets_better_but_not_as_good_as_the_exact_denoiser(answers):
    ((_, told),) = answers["learned"]
    (first, least), (second, same) = told
    assert 1 > first > second > least == same


def test_what_was_drawn_or_learned_in_the_browser_has_no_program():
    for alone in ({"way": "network"}, {"cloud": "own"}):
        with pytest.raises(gr.Error, match="in your browser alone"):
            plane_program.program(alone)


def test_its_program_is_the_usual_one_while_the_view_is_on_its_way():
    assert plane_program.program({}) == plane_program.program(plane.LINKED.defaults({}))
