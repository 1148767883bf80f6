"""A run in memory: the same training as in a folder, and models that `sample` accepts."""

from dataclasses import replace

import pytest
import torch

import ddpm
from devtools.configs import altered


def test_fit_learns_what_a_run_in_a_folder_learns(tiny_config, pictures, garments, tmp_path):
    """Bit for bit."""
    steps = list(ddpm.fit(tiny_config, *pictures))
    last = steps[-1]
    path = ddpm.run_training(tmp_path, tiny_config, garments)
    saved = ddpm.load_checkpoint(path, "cpu")
    assert saved.config == tiny_config and saved.info["steps"] == last.step == 6
    for name, tensor in last.model.network.state_dict().items():
        assert torch.equal(tensor, saved.model.network.state_dict()[name]), name
    assert [step.step for step in steps] == [1, 2, 3, 4, 5, 6]


def test_each_step_has_a_model_to_sample_from(tiny_config, pictures):
    """Its samples change as it learns, and sampling doesn't change the run."""
    drawn, losses = [], []
    for step in ddpm.fit(tiny_config, *pictures):
        losses.append(step.loss)
        assert isinstance(step.model, ddpm.Denoiser) and not step.model.training
        assert not any(p.requires_grad for p in step.model.parameters())
        drawn.append(ddpm.sample(step.model, 2, labels=[0, 2], steps=3))
    assert all(x.shape == (2, 1, 8, 8) and x.isfinite().all() for x in drawn)
    assert not torch.equal(drawn[0], drawn[-1])
    assert losses == [step.loss for step in ddpm.fit(tiny_config, *pictures)]


def test_labels_may_be_a_list_or_small_numbers(tiny_config, pictures):
    images, labels = pictures
    losses = [
        next(ddpm.fit(tiny_config, images, given)).loss
        for given in (labels, labels.tolist(), labels.to(torch.uint8))
    ]
    assert losses[0] == losses[1] == losses[2]


def test_a_network_without_classes_needs_no_labels(tiny_config, pictures):
    config = altered(tiny_config, unet={"num_classes": None})
    *_, last = ddpm.fit(config, pictures[0])
    assert ddpm.sample(last.model, 2, steps=2).shape == (2, 1, 8, 8)


# Of a config, pictures and labels that fit: what is wrong, and what the sentence says
WRONG = {
    "prior": (lambda c, x, y: (replace(c, network="prior"), x, y),
              "'prior' is not trained by itself.*: see python -m ddpm train-unclip"),
    "student": (lambda c, x, y: (replace(c, distill=ddpm.DistillConfig()), x, y),
                "a student learns from its teacher"),
    "no pictures": (lambda c, x, y: (c, x[:0], y[:0]),
                    "labels must be whole numbers|at least one picture"),
    "true": (lambda c, x, y: (c, x, y > 0), "labels must be whole numbers"),
    "floats": (lambda c, x, y: (c, x / 255, y), "torch.uint8, 0 to 255, not torch.float32"),
    "larger": (lambda c, x, y: (c, x.repeat(1, 1, 2, 2), y),
               r"images are \(1, 16, 16\), the network takes \(1, 8, 8\)"),
    "coloured": (lambda c, x, y: (c, x.expand(-1, 3, -1, -1), y),
                 r"images are \(3, 8, 8\), the network takes \(1, 8, 8\)"),
    "more classes": (lambda c, x, y: (c, x, y + 1),
                     "labels go from 1 to 3, the network takes 0 to 2"),
    "negative": (lambda c, x, y: (c, x, y - 1), "labels go from -1 to 1, the network takes 0 to 2"),
    "none": (lambda c, x, y: (c, x, None), "no classes: set num_classes to none"),
    "fewer labels": (lambda c, x, y: (c, x, y[1:]),
                     r"16 whole numbers, not torch.int64 of shape \(15,\)"),
    "too few": (lambda c, x, y: (c, x[:3], y[:3]), "3 images do not fill one batch of 4"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_the_network_is_refused_at_the_call(tiny_config, pictures, what):
    wrong, says = WRONG[what]
    with pytest.raises(ValueError, match=says):
        ddpm.fit(*wrong(tiny_config, *pictures))
