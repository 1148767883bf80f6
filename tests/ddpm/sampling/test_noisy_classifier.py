"""A classifier of noisy pictures: its training, and what guides a network by it."""

from dataclasses import replace

import pytest
import torch

import ddpm
from ddpm.checkpoint import as_denoiser, build_network
from ddpm.config import DistillConfig
from ddpm.data.dataset import Pictures
from devtools.configs import altered


@pytest.fixture
def config(tiny_config):
    return replace(tiny_config, network="classifier")


def stripes(n: int = 48) -> Pictures:
    """8 × 8: black, white, or half of each."""
    images = torch.zeros(n, 1, 8, 8, dtype=torch.uint8)
    labels = torch.arange(n) % 3
    images[labels == 1] = 255
    images[labels == 2, :, :4] = 255
    return Pictures(images, labels, ("black", "white", "half"), "memory")


def test_it_learns_labels_at_every_noise_level(config, tmp_path):
    learning = {"steps": 150, "batch_size": 24, "warmup": 5, "ema_decay": 0.9}
    ddpm.run_training(tmp_path, altered(config, train=learning), stripes())
    classifier = ddpm.NoisyClassifier.load(tmp_path, "cpu")
    pictures = stripes(300)
    x_start = pictures.images.float() / 127.5 - 1
    found = []
    for t in (0, 25, 49):
        times = torch.full((300,), t)
        logits = classifier(ddpm.q_sample(classifier.schedule, x_start, times), times)
        assert logits.shape == (300, 3)
        found.append((logits.argmax(1) == pictures.labels).double().mean().item())
    assert found[0] > 0.95 and found[1] > 0.9 and found[2] < 0.6  # at t = T - 1 there's only noise


# ------------------------------------------------------------------ the front door


@pytest.fixture
def classifier(config):
    network = build_network(altered(config, train={"seed": 5})).eval()
    return ddpm.NoisyClassifier(network, config, ddpm.Schedule.named("cosine", 50), {})


@pytest.mark.parametrize("own", [True, False], ids=["own schedule", "another"])
def test_sample_guides_by_it_as_written_out_by_hand(classifier, saved, own):
    """The network sees no label, and each of both meets the noise that it knows."""
    model = ddpm.load_checkpoint(saved, "cpu")
    schedule = model.schedule if own else ddpm.Schedule.named("linear", 40)
    labels, seeds = torch.tensor([2, 0, 1]), ddpm.generators(3, 4)
    x = ddpm.randn_like(torch.empty(3, 1, 8, 8), seeds)

    def guided(x, t):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            at = schedule.log_snr[t]
            log_p = classifier(x, classifier.schedule.t_of_log_snr(at)).log_softmax(1)
            (slope,) = torch.autograd.grad(log_p[range(3), labels].sum(), x)
        sigma = (1 - schedule.alphas_cumprod[t]).sqrt().view(-1, 1, 1, 1)
        return model.model(x.detach(), model.schedule.t_of_log_snr(at)) - 30 * sigma * slope

    times = ddpm.spaced_timesteps(schedule, 6)
    *_, by_hand = ddpm.ddim(guided, schedule, x, times)
    asked = {"seed": 4, "steps": 6, "schedule": schedule, "sampler": "ddim"}
    drawn = ddpm.sample(model, 3, labels=labels, classifier=classifier, guidance=30.0, **asked)
    torch.testing.assert_close(drawn, by_hand.x, rtol=1e-4, atol=1e-4)
    free = ddpm.sample(model, 3, **asked)
    assert (drawn - free).abs().max() > 0.01
    at_0 = ddpm.sample(model, 3, labels=1, classifier=classifier, guidance=0.0, **asked)
    torch.testing.assert_close(at_0, free, rtol=1e-4, atol=1e-4)


def test_it_guides_a_network_that_has_no_labels(classifier, config):
    config = altered(replace(config, network="unet"), unet={"num_classes": None})
    model = as_denoiser(build_network(config), config)
    drawn = ddpm.sample(model, 2, labels=[0, 2], classifier=classifier, steps=3)
    assert drawn.shape == (2, 1, 8, 8)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "guides towards labels"),
        ({"labels": 3}, "guides towards labels"),  # of three classes: none
        ({"labels": torch.ones(2, 3)}, "guides towards labels"),
        ({"labels": 4}, "between 0 and 2"),
        ({"labels": 1, "interval": (9, 0)}, "low <= high"),
    ],
)
def test_what_it_can_not_guide_to_is_refused_at_the_call(classifier, saved, settings, says):
    with pytest.raises(ValueError, match=says):
        ddpm.trajectory(ddpm.load_checkpoint(saved, "cpu"), 2, classifier=classifier, **settings)


def test_what_it_can_not_guide_is_refused_at_the_call(classifier, config, saved):
    asked = {"labels": 1, "classifier": classifier}
    larger = altered(replace(config, network="unet"), unet={"image_size": 12})
    with pytest.raises(ValueError, match=r"pictures \(1, 8, 8\), the model has \(1, 12, 12\)"):
        ddpm.trajectory(as_denoiser(build_network(larger), larger), **asked)
    model = ddpm.load_checkpoint(saved, "cpu")
    away = replace(classifier, schedule=classifier.schedule.to("meta"))
    with pytest.raises(ValueError, match="on the model's device"):
        ddpm.trajectory(model, labels=torch.tensor(1), classifier=away)
    student = replace(model.config, distill=DistillConfig())
    with pytest.raises(ValueError, match="without a guide"):
        ddpm.trajectory(replace(model, config=student), **asked, sampler="consistency")
