"""The notebook's network: its parameter count, and its defects."""

import pytest
import torch
from torch import nn

import ddpm
from devtools.notebook_unet import SIZE, NotebookUnet, T


@pytest.fixture(scope="module")
def network() -> NotebookUnet:
    torch.manual_seed(0)
    return NotebookUnet().eval()


@torch.no_grad()
def test_it_has_the_notebooks_parameters_and_shapes(network):
    # counted by running the notebook's own cells with dim=28, channels=1, dim_mults=(1, 2, 4): the
    # last block has no layer for the time
    assert sum(weight.numel() for weight in network.parameters()) == 2_996_315
    x = torch.randn(2, 1, SIZE, SIZE)
    out = network(x, torch.tensor([0, T - 1]))
    assert out.shape == x.shape and out.isfinite().all()
    assert not torch.allclose(out, network(x, torch.tensor([T - 1, 0])))  # it depends on t


class Nothing(nn.Module):
    """Replaces a downsampling, so that the levels below get zeros."""

    def forward(self, x):
        return torch.zeros(len(x), x.shape[1], x.shape[2] // 2, x.shape[3] // 2)


@pytest.mark.parametrize(("level", "reaches"), [(0, False), (1, True)])
@torch.no_grad()
def test_the_skip_at_full_resolution_is_unused(level, reaches):
    torch.manual_seed(0)
    network = NotebookUnet().eval()
    network.downs[level].resample = Nothing()
    x = torch.randn(2, 1, SIZE, SIZE)
    first, second = network(x, torch.tensor([50, 50]))
    assert torch.equal(first, second) is not reaches


def test_the_core_can_sample_it(network):
    schedule = ddpm.Schedule.named("linear", T, rescale=False)
    model = ddpm.Denoiser(network, schedule, "eps")
    drawn = ddpm.sample(model, 2, sampler="ddpm", steps=3)
    assert drawn.shape == (2, 1, SIZE, SIZE) and drawn.isfinite().all()
    with pytest.raises(ValueError, match="without labels"):
        ddpm.sample(model, 2, labels=7)
