"""The sampler in JavaScript against Python's, in one process of Node for all cases."""

import random
from pathlib import Path

import pytest
import torch
from torch import Tensor

import ddpm
from ddpm.sampling.samplers import ALL_SAMPLERS, SAMPLERS, STUDENT_SAMPLERS
from ddpm.sampling.spacing import SPACINGS
from ddpm.schedules.drawn import MAX_POINTS, drawn_log_snr
from ddpm.schedules.schedule import MAX_LOG_SNR, MIN_FALL

CASES = Path(__file__).parent / "cases.mjs"
SEEDS = [*range(96), -1, 2**31, 2**32 - 2, 12345678]
SIZES = [784, 15, 1, 16, 20, 784]  # one after the other from the same generator
PLACES = torch.linspace(0, 1, 1000, dtype=torch.float64)
LIMITS = {"most": MAX_LOG_SNR, "fall": MIN_FALL}
TEXTS = [
    *ddpm.SCHEDULES, "rectified_flow~shift_3", "cosine~input_scale_0.5", "linear~zero_terminal",
    "cosine~zero_terminal", "drawn~0_12~0.4_1.5~1_-9", "drawn~0.1_9~0.5_9~1_-12~zero_terminal",
]  # fmt: skip
SIZE, COUNT, SEED = 16, 3, 7


def random_points(rng: random.Random) -> list[list[float]]:
    """Also level stretches, steep falls, and few or many points, the first and last anywhere."""
    count = rng.randint(2, MAX_POINTS)
    at = sorted(rng.sample(range(2001), count))
    values = sorted((rng.choice([rng.uniform(-20, 20), 3.0, 29.0]) for _ in at), reverse=True)
    return [[u / 2000, round(value, 4)] for u, value in zip(at, values, strict=True)]


POINTS = [random_points(random.Random(seed)) for seed in range(200)]
DRAWN = [(points, T) for points in POINTS[::10] for T in (10, 50, 200, 1000)]
NAMED = [(text, T, rescale) for text in TEXTS for T in (2, 50, 1000) for rescale in (True, False)]
SPACED = [
    (text, T, n, spacing, start)
    for text in TEXTS
    for spacing in SPACINGS
    for T, n, start in [(1000, n, None) for n in (1, 2, 3, 5, 7, 10, 16, 20, 50, 250)]
    + [(1000, 10, 640), (50, 40, None), (10, 3, 5)]
]
SAMPLED = [
    {"text": text, "sampler": sampler, "objective": objective, "guidance": scale, "guide": guide}
    for text in ("cosine", "linear", "rectified_flow~shift_3")
    for sampler in SAMPLERS | STUDENT_SAMPLERS
    for objective, scale, guide in (
        [("eps", 1.0, None), ("v", 3.0, None), ("x0", 0.0, None), ("v", 1.5, "linear")]
    )
]


def times_of(case: dict) -> list[int]:
    schedule = ddpm.Schedule.named(case["text"], 1000)
    return ddpm.spaced_timesteps(schedule, 10, "middle")


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """Metadata alone need no tracing: a file of their form, written by hand."""
    onnx = pytest.importorskip("onnx")
    model = onnx.ModelProto(ir_version=10, producer_name="ø" * 300)
    model.graph.initializer.append(onnx.TensorProto(raw_data=bytes(range(256)) * 3))
    for key, value in (("config", '{"a": "ᾱ"}'), ("long", "x" * 70_000)):
        model.metadata_props.add(key=key, value=value)
    file = tmp_path_factory.mktemp("onnx") / "model.onnx"
    file.write_bytes(model.SerializeToString())
    return file


@pytest.fixture(scope="module")
def answers(in_node, exported) -> dict[str, list]:
    """What the modules answer to all cases, by the kind of case."""
    cases = [
        {"run": "noise", "seeds": SEEDS, "sizes": SIZES},
        *({"run": "curve", "points": each, "places": PLACES.tolist()} for each in POINTS),
        *({"run": "drawn", "points": each, "T": T, "limits": LIMITS} for each, T in DRAWN),
        *({"run": "named", "text": text, "T": T, "rescale": scale} for text, T, scale in NAMED),
        *(
            {"run": "spacing", "text": text, "T": T, "n": n, "spacing": spacing, "start": start}
            for text, T, n, spacing, start in SPACED
        ),
        *(
            {"run": "sampled", "count": COUNT, "size": SIZE, "seed": SEED, "times": times_of(case)}
            | case
            for case in SAMPLED
        ),
        {"run": "metadata", "file": str(exported)},
    ]
    return in_node(CASES, cases)


def test_a_seed_is_the_same_noise(answers):
    """Of 100 seeds, two pictures each, in draws of every kind: many numbers at once, few, one."""
    (of_seeds,) = answers["noise"]
    for seed, draws in zip(SEEDS, of_seeds, strict=True):
        sources = ddpm.generators(2, seed)
        for size, draw in zip(SIZES, draws, strict=True):
            expected = ddpm.randn_like(torch.empty(2, size), sources)
            got = torch.tensor(draw).reshape(2, size)
            torch.testing.assert_close(got, expected, rtol=0, atol=1e-6)


def test_a_drawn_curve_is_pythons(answers):
    for points, curve in zip(POINTS, answers["curve"], strict=True):
        got = torch.tensor(curve, dtype=torch.float64)
        assert (got - drawn_log_snr(points)(PLACES)).abs().max() < 1e-5, points


def check_tables(columns: list[list[str]], schedule: ddpm.Schedule) -> None:
    expected = (schedule.betas, schedule.alphas_cumprod, schedule.log_snr)
    for got, table in zip(columns, expected, strict=True):
        numbers = torch.tensor([float(each.replace("Infinity", "inf")) for each in got])
        torch.testing.assert_close(numbers, table, rtol=1e-5, atol=1e-6)


def test_the_tables_of_drawn_schedules_are_pythons(answers):
    for (points, T), (plain, zero) in zip(DRAWN, answers["drawn"], strict=True):
        schedule = ddpm.Schedule.drawn(points, T)
        check_tables(plain, schedule)
        check_tables(zero, ddpm.zero_terminal_snr(schedule))


def test_the_tables_of_named_schedules_are_pythons(answers):
    for (text, T, rescale), columns in zip(NAMED, answers["named"], strict=True):
        check_tables(columns, ddpm.Schedule.named(text, T, rescale=rescale))


def test_the_same_times_are_visited(answers):
    for (text, T, n, spacing, start), times in zip(SPACED, answers["spacing"], strict=True):
        schedule = ddpm.Schedule.named(text, T)
        expected = ddpm.spaced_timesteps(schedule, n, spacing, start=start)
        assert times == expected, (text, T, n, spacing, start)


class Gaussian(torch.nn.Module):
    """What an ideal network predicts of normal data with this mean and variance; label k moves the
    mean by k/10, and "no label" is the last one."""

    num_classes = 3
    shape = (1, 4, 4)

    def __init__(self, schedule: ddpm.Schedule, mean: float, variance: float, objective="eps"):
        super().__init__()
        self.schedule, self.mean, self.variance = schedule, mean, variance
        self.objective = objective

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        acp = self.schedule.log_snr_at(t.float()).sigmoid().reshape(-1, 1, 1, 1)
        signal, sigma = acp.sqrt(), (1 - acp).sqrt()
        mean = self.mean + (0 if labels is None else 0.1 * labels.reshape(-1, 1, 1, 1))
        eps = sigma * (x - signal * mean) / (acp * self.variance + 1 - acp)
        x_start = (x - sigma * eps) / signal
        return {"eps": eps, "x0": x_start, "v": signal * eps - sigma * x_start}[self.objective]


def of_python(case: dict) -> list[ddpm.Step]:
    schedule, scale = ddpm.Schedule.named(case["text"], 1000), case["guidance"]
    network = Gaussian(schedule, -0.4, 0.09, case["objective"])
    denoiser = ddpm.Denoiser(network, schedule, case["objective"])
    labels = torch.full((COUNT,), 2)
    if case["guide"]:
        theirs = ddpm.Schedule.named(case["guide"], 400)
        worse = Gaussian(theirs, -0.2, 0.25)
        worse.num_classes = None
        eps_fn = ddpm.autoguided(denoiser, ddpm.Denoiser(worse, theirs), labels, scale)
    else:
        eps_fn = ddpm.classifier_free_guided(denoiser, labels, scale, interval=(100, 900))
    seeds = ddpm.generators(COUNT, SEED)
    x = ddpm.randn_like(torch.empty(COUNT, *Gaussian.shape), seeds)
    sampler = ALL_SAMPLERS[case["sampler"]]
    return [*sampler(eps_fn, schedule, x, times_of(case), generator=seeds)]


def test_every_step_of_a_sampler_is_pythons(answers):
    """Under three schedules, with networks of all objectives, guided by themselves or a worse one
    that counts its times by another schedule."""
    for case, steps in zip(SAMPLED, answers["sampled"], strict=True):
        for (x, x_start), step in zip(steps, of_python(case), strict=True):
            # a polynomial through four ε weighs the rounding of each by more than 1
            most = 1e-4 if case["sampler"] == "deis" else 1e-5
            assert (torch.tensor(x) - step.x.flatten()).abs().max() < most, (case, step.t)
            # near pure noise, float32's rounding of ε is divided by a √ᾱ of 0.002
            assert (torch.tensor(x_start) - step.x_start.flatten()).abs().max() < 3e-4, case


def test_the_notes_in_an_onnx_file_are_read(answers):
    (notes,) = answers["metadata"]
    assert notes == {"config": '{"a": "ᾱ"}', "long": "x" * 70_000}
