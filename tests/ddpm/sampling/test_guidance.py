import math

import pytest
import torch
from torch import nn

from ddpm.diffusion.denoiser import Denoiser
from ddpm.diffusion.ideal import exact_denoiser, gaussian_eps
from ddpm.sampling.guidance import autoguided, classifier_free_guided, eps_scaled, retimed
from ddpm.schedules import Schedule

close = torch.testing.assert_close
CLASSES = 5


class Stub(nn.Module):
    """ε = x + 0.01 t + label, with 100 for "no label"; records the labels of every call."""

    num_classes = CLASSES

    def __init__(self):
        super().__init__()
        self.calls = []

    def forward(self, x, t, labels=None):
        self.calls.append(None if labels is None else labels.tolist())
        labels = torch.full((len(x),), CLASSES) if labels is None else labels
        value = torch.where(labels == CLASSES, 100, labels).float()
        return x + (0.01 * t + value).view(-1, 1, 1, 1)


@pytest.fixture
def stub():
    return Denoiser(Stub(), Schedule.named("linear", 100))


LABELS = torch.tensor([4, 0, 2])


def parts():
    x, t = torch.randn(3, 1, 4, 4), torch.tensor([7, 50, 99])
    base = x + 0.01 * t.view(-1, 1, 1, 1)
    return x, t, base + LABELS.view(-1, 1, 1, 1), base + 100


def test_scale_1_is_one_plain_batch(stub):
    x, t, labelled, _ = parts()
    close(classifier_free_guided(stub, LABELS)(x, t), labelled)
    assert stub.network.calls == [[4, 0, 2]]


@pytest.mark.parametrize("scale", [0.5, 2.0, 7.5])
def test_another_scale_is_one_doubled_batch_and_the_linear_formula(stub, scale):
    x, t, labelled, free = parts()
    got = classifier_free_guided(stub, LABELS, scale)(x, t)
    close(got, free + scale * (labelled - free), rtol=1e-5, atol=1e-4)
    assert stub.network.calls == [[4, 0, 2, 5, 5, 5]]
    for_all = classifier_free_guided(stub, 3, scale)(x, t)
    close(for_all, classifier_free_guided(stub, [3, 3, 3], scale)(x, t))


@pytest.mark.parametrize("labels, scale", [(LABELS, 0.0), (None, 0.0), (None, 1.0), (None, 3.0)])
def test_scale_0_or_no_labels_is_one_batch_without_labels(stub, labels, scale):
    x, t, _, free = parts()
    close(classifier_free_guided(stub, labels, scale)(x, t), free)
    assert stub.network.calls == [None]


@pytest.mark.parametrize("scale", [-0.1, 100.5, float("nan"), float("inf")])
def test_a_scale_out_of_range_is_refused_with_the_range(stub, scale):
    with pytest.raises(ValueError, match="between 0 and 100"):
        classifier_free_guided(stub, LABELS, scale)


def test_outside_its_interval_guidance_is_one_plain_batch(stub):
    x, t, labelled, free = parts()  # t = 7, 50, 99
    guided = classifier_free_guided(stub, LABELS, 3.0, interval=(20, 60))
    got = guided(x, t)
    close(got[1], (free + 3 * (labelled - free))[1], rtol=1e-5, atol=1e-4)
    close(got[[0, 2]], labelled[[0, 2]], rtol=1e-5, atol=1e-4)
    guided(x, torch.tensor([7, 8, 99]))
    assert [len(call) for call in stub.network.calls] == [6, 3]


def test_guidance_leaves_a_learned_variance_alone(stub):
    x, t, *_ = parts()
    stub.network.forward = lambda x, t, labels: torch.cat(
        [x, labels.view(-1, 1, 1, 1).expand_as(x).float()], dim=1
    )
    output = classifier_free_guided(stub, LABELS, 4.0)(x, t)
    close(output[:, 1:], LABELS.view(-1, 1, 1, 1).expand_as(x).float())


# ------------------------------------------------------------------ by a worse version


class Gaussian(nn.Module):
    """Exact for pixels ~ N(0, variance)."""

    num_classes, shape = None, (1, 2, 2)

    def __init__(self, schedule, variance):
        super().__init__()
        self.calls, self.eps = [], gaussian_eps(schedule, 0.0, variance)

    def forward(self, x, t, labels=None):
        self.calls.append(len(x))
        return self.eps(x, t)


def gaussians(worse_schedule="linear"):
    schedule, other = Schedule.named("linear", 100), Schedule.named(worse_schedule, 400)
    other = schedule if worse_schedule == "linear" else other
    return Denoiser(Gaussian(schedule, 0.25), schedule), Denoiser(Gaussian(other, 0.5), other)


@pytest.mark.parametrize(
    "worse_schedule, third, error",
    [("linear", None, 2e-3), ("cosine", None, 2e-3), ("cosine", "sigmoid", 5e-3)],
)
def test_a_worse_model_is_left_behind_at_the_same_log_snr(worse_schedule, third, error):
    """Of data N(0, 1/4) and N(0, 1/2) the guided slope is w a - (w-1) b in closed form, whatever
    schedule the worse one knows. A third schedule asks for fractional times, as closely as straight
    lines between the tables follow."""
    good, worse = gaussians(worse_schedule)
    schedule, guided = good.schedule, autoguided(good, worse, None, 1.5)
    if third is not None:
        schedule = Schedule.named(third, 50)
        guided = retimed(guided, good.schedule, schedule)
    x, t = torch.randn(4, 1, 2, 2), torch.tensor([20, 40, 60, 80]) * schedule.T // 100
    acp = schedule.alphas_cumprod[t].reshape(-1, 1, 1, 1)
    a, b = (x * (1 - acp).sqrt() / (acp * v + 1 - acp) for v in (0.25, 0.5))
    close(guided(x, t), 1.5 * a - 0.5 * b, rtol=0, atol=error)


def test_a_guide_as_good_as_the_model_changes_nothing_and_scale_1_asks_none():
    data = torch.randn(5, 1, 4, 4)
    one, other = (exact_denoiser(Schedule.named(n, 200), data) for n in ("linear", "cosine"))
    x, t = torch.randn(3, 1, 4, 4), torch.tensor([50, 100, 150])
    close(autoguided(one, other, None, 3.0)(x, t), one(x, t), rtol=0, atol=5e-3)
    good, worse = gaussians()
    autoguided(good, worse)(torch.randn(2, 1, 2, 2), torch.tensor([5, 50]))
    assert worse.network.calls == []


def test_eps_is_scaled_where_the_picture_can_be_seen():
    """And a learned variance is left alone. From t = 859 on, the log-SNR of cosine is below -3."""
    schedule = Schedule.named("cosine", 1000)
    assert schedule.log_snr[857] > -3 > schedule.log_snr[859]
    x, t = torch.randn(4, 1, 2, 2), torch.tensor([0, 857, 859, 999])
    output = torch.randn(4, 2, 2, 2)
    found = eps_scaled(lambda x, t: output, 1.25, schedule)(x, t)
    wanted = torch.tensor([1.25, 1.25, 1, 1]).reshape(-1, 1, 1, 1)
    torch.testing.assert_close(found[:, :1] * wanted, output[:, :1])
    assert torch.equal(found[:, 1:], output[:, 1:])
    for plain in (output, output[:, :1]):
        assert torch.equal(eps_scaled(lambda x, t: plain, 1, schedule)(x, t), plain)  # noqa: B023


def test_outside_its_interval_the_worse_model_is_not_asked():
    good, worse = gaussians()
    x, t = torch.randn(2, 1, 2, 2), torch.tensor([10, 90])
    guided = autoguided(good, worse, None, 2.0, interval=(20, 60))
    close(guided(x, t), good(x, t))
    assert worse.network.calls == []
    inside = guided(x, torch.tensor([30, 90]))
    assert (inside[0] != good(x, torch.tensor([30, 90]))[0]).all()
    close(inside[1], good(x, torch.tensor([30, 90]))[1])


def test_a_worse_model_of_other_pictures_is_refused():
    good, worse = gaussians()
    worse.network.shape = (1, 4, 4)
    with pytest.raises(ValueError, match=r"knows pictures \(1, 4, 4\)"):
        autoguided(good, worse)


# ------------------------------------------------------------------ another schedule

MU, S = 0.4, 0.3  # the data: pixels ~ N(MU, S²)


def cosine_acp(t, T=1000, s=0.008):
    """ᾱ of Nichol & Dhariwal 2021 at any real t: no table, nothing interpolated."""
    f = torch.cos(((t.double() + 1) / T + s) / (1 + s) * math.pi / 2) ** 2
    return f / math.cos(s / (1 + s) * math.pi / 2) ** 2


def trained_on_cosine(x, t):
    """E[ε | x_t] in closed form, where x_t ~ N(√ᾱ MU, ᾱ S² + 1-ᾱ)."""
    acp = cosine_acp(t).view(-1, 1, 1, 1)
    return ((1 - acp).sqrt() * (x - acp.sqrt() * MU) / (acp * S * S + 1 - acp)).float()


@pytest.mark.parametrize("name", ["linear", "quadratic", "sigmoid", "cosine"])
@pytest.mark.parametrize("T", [200, 1000])
def test_retimed_equals_the_exact_denoiser_of_the_other_schedule(name, T):
    trained, other = Schedule.named("cosine", 1000), Schedule.named(name, T)
    eps_fn = retimed(trained_on_cosine, trained, other)
    x, t = torch.randn(T, 1, 3, 3), torch.arange(T)
    exact = gaussian_eps(other, MU, S**2)(x, t)
    # Between table entries the log-SNR is interpolated linearly. The curve is steepest near
    # t = 0, where that is off by at most 1/8 of its second difference: 1e-2 of log-SNR at the
    # levels that these schedules start at, and less of ε. The last β of cosine is clipped, so
    # its table departs from the formula there; x_T is noise by then and ε is x to within √ᾱ.
    close(eps_fn(x, t), exact, rtol=0, atol=1e-2)
    if name != "cosine":
        # without retiming, at the same t or the same share of T, the network is wrong
        for naive in (t, t * 1000 // T):
            assert (trained_on_cosine(x, naive) - exact).abs().max() > 0.2


def test_levels_beyond_the_training_range_are_clamped_to_its_ends():
    short = Schedule.named("linear", 200, rescale=False)  # ᾱ ends at 0.132
    long = Schedule.named("linear", 200)
    seen = []
    eps_fn = retimed(lambda x, t: seen.append(t) or x, short, long)
    eps_fn(torch.zeros(2, 1, 2, 2), torch.tensor([199, 0]))
    # 1-ᾱ is 5e-4 at the first step of the long one. In the short one it is 3e-4 at t = 1 and
    # 6e-4 at t = 2: log(5/3) / log(6/3) = 0.737 of the way
    assert seen[0].tolist() == [199.0, pytest.approx(1.737, abs=2e-3)]


def test_a_denoiser_of_v_takes_fractional_times():
    """`retimed` calls a `Denoiser`, which turns v into ε at times between table entries."""
    trained, other = Schedule.named("cosine", 1000), Schedule.named("linear", 200)

    def exact_v(x, t, labels=None):
        eps, acp = trained_on_cosine(x, t), cosine_acp(t).view(-1, 1, 1, 1)
        x_start = (x - (1 - acp).sqrt() * eps) / acp.sqrt()
        return (acp.sqrt() * eps - (1 - acp).sqrt() * x_start).float()

    denoiser = Denoiser(exact_v, trained, "v")
    x, t = torch.randn(200, 1, 3, 3), torch.arange(200)
    exact = gaussian_eps(other, MU, S**2)(x, t)
    close(retimed(denoiser, trained, other)(x, t), exact, rtol=0, atol=2e-2)
