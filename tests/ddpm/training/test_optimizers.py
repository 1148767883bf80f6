"""One step of each optimizer, by its formula."""

import math

import pytest
import torch

from ddpm.checkpoint import build_network, build_schedule
from ddpm.data.batches import batches
from ddpm.training.loop import train
from ddpm.training.state import TrainState
from devtools.configs import altered

close = torch.testing.assert_close


def first_step(config, pictures, device, **options):
    """The state after one step, the weights before it, the gradients that the optimizer got, and
    the `TrainStep`.
    """
    config = altered(config, train=options)
    state = TrainState(build_network(config), config.train, device)
    old = {k: v.clone() for k, v in state.network.named_parameters()}
    gradients = {}

    def record(*_):
        gradients.update({k: v.grad.clone() for k, v in state.network.named_parameters()})

    state.optimizers[0].optimizer.register_step_pre_hook(record)
    feed = batches(*pictures, config.train.batch_size, seed=config.train.seed)
    step = next(train(state, build_schedule(config), feed, config))
    return state, old, gradients, step


def test_the_update_is_adamw_on_clipped_gradients(tiny_config, pictures, device):
    """By the formula of the first step: with both moments corrected, it is g / (|g| + ε)."""
    options = {"grad_clip": 1e-3, "weight_decay": 0.1}
    state, old, gradients, step = first_step(tiny_config, pictures, device, **options)
    norm = math.sqrt(sum(float(g.double().square().sum()) for g in gradients.values()))
    assert step.grad_norm > 1e-3  # before clipping
    assert norm == pytest.approx(1e-3, rel=1e-2)  # after
    rate = step.learning_rate
    for name, new in state.network.named_parameters():
        g = gradients[name]
        expected = old[name] * (1 - rate * 0.1) - rate * g / (g.abs() + 1e-8)
        close(new, expected, rtol=1e-4, atol=1e-6)


def test_muon_moves_kernels_by_an_orthogonal_matrix_and_adamw_the_rest(
    tiny_config, pictures, device
):
    """In the basis of the gradient's singular vectors, from torch.linalg, a move is diagonal, with
    entries of similar size, and as long as AdamW's.
    """
    options = {"optimizer": "muon", "weight_decay": 0.1, "grad_clip": 1e3}
    state, old, gradients, step = first_step(tiny_config, pictures, device, **options)
    rate = step.learning_rate
    adamw, muon = ([len(g["params"]) for g in o.param_groups] for o in state.optimizers)
    kernels = [k for k, v in old.items() if v.ndim == 4][1:-1]
    assert sum(muon) == len(kernels) == len(old) - sum(adamw)
    assert "init_conv.weight" not in kernels and "final_conv.weight" not in kernels
    for name, new in state.network.named_parameters():
        move = (new.detach() - old[name] * (1 - rate * 0.1)) / rate
        g = gradients[name]
        if name not in kernels:
            close(move, -g / (g.abs() + 1e-8), rtol=1e-3, atol=1e-3)
            continue
        move, g = move.flatten(1).double(), g.flatten(1).double()
        u, s, vt = torch.linalg.svd(g, full_matrices=False)
        turned = -(u.T @ move @ vt.T) / (0.2 * max(move.shape) ** 0.5)
        lengths = turned.diagonal()
        assert (turned - lengths.diag()).abs().max() < 0.05, name  # computed in bf16
        large = s > 0.2 * s[0]
        assert lengths[large].min() > 0.6 and lengths.max() < 1.3, (name, lengths)
        assert lengths.min() > -0.05
