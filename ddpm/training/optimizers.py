"""AdamW, or Muon for the hidden kernels with AdamW for the rest."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

from ddpm.config import TrainConfig

# Jordan et al. 2024 iterate five times towards the nearest orthogonal matrix. Three leave some
# singular values small, and train just as well.
NEWTON_SCHULZ_STEPS = 3
# By which a run is trained: always those that it began with. Under the first, of the number of a
# step 32 bits were kept, and the last kernel of every network counted as one that touches pixels.
RULES = 2


def make_optimizers(network: nn.Module, config: TrainConfig, rules: int = RULES) -> list[Optimizer]:
    """All that move the network's weights; one learning rate fits them all."""
    kernels = hidden_kernels(network) if rules > 1 else _all_but_two(network)
    return OPTIMIZERS[config.optimizer](network, config, kernels)


def adamw(network: nn.Module, config: TrainConfig, kernels: list[nn.Parameter]) -> list[Optimizer]:
    """AdamW (Loshchilov & Hutter 2019) for every weight."""
    return [_adamw(list(network.parameters()), config)]


def muon(network: nn.Module, config: TrainConfig, kernels: list[nn.Parameter]) -> list[Optimizer]:
    """Muon (Jordan et al. 2024) for the hidden kernels, AdamW for all other weights."""
    theirs = set(map(id, kernels))
    rest = [weight for weight in network.parameters() if id(weight) not in theirs]
    return [_adamw(rest, config), _muon(kernels, config)] if kernels else [_adamw(rest, config)]


# (network, settings, the hidden kernels) -> all that move the network's weights
OPTIMIZERS: dict[str, Callable[[nn.Module, TrainConfig, list[nn.Parameter]], list[Optimizer]]] = {
    "adamw": adamw,
    "muon": muon,
}


def _adamw(weights: list[nn.Parameter], config: TrainConfig) -> Optimizer:
    return AdamW(
        weights,
        lr=config.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=config.weight_decay,
        fused=True,  # one kernel for all parameters: small networks have hundreds
    )


def hidden_kernels(network: nn.Module) -> list[nn.Parameter]:
    """The kernels of all convolutions but those that the network says touch pixels."""
    outer = {f"{layer}.weight" for layer in getattr(network, "of_pixels", ())}
    named = network.named_parameters()
    return [weight for name, weight in named if weight.ndim == 4 and name not in outer]


def _all_but_two(network: nn.Module) -> list[nn.Parameter]:
    """What the first rules took for them: all kernels but the first and the last."""
    return [weight for weight in network.parameters() if weight.ndim == 4][1:-1]


def _muon(kernels: list[nn.Parameter], config: TrainConfig) -> Optimizer:
    """Muon moves a matrix by the orthogonal matrix nearest to its momentum: equally far in every
    direction, where a gradient favours a few. A kernel counts as the matrix whose
    rows are its first axis: from in_channels · height · width to the output channels, and of one
    that enlarges the other way round. At the same rate, steps are as long as
    AdamW's (Liu et al. 2025, equation 4). Kernels must be channels_last.
    """
    optimizer = Muon(
        [_rows(weight.detach()).flatten(1) for weight in kernels],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        momentum=0.9,
        ns_steps=NEWTON_SCHULZ_STEPS,
        adjust_lr_fn="match_rms_adamw",
    )

    def hand_over(*_) -> None:
        for matrix, weight in zip(optimizer.param_groups[0]["params"], kernels, strict=True):
            # share memory, so that moving the matrix moves the kernel; at every step, since a
            # wrapper for several processes may give a weight new memory
            matrix.data = _rows(weight.detach()).view(len(weight), -1)
            assert weight.grad is not None  # optimizers step after a backward pass
            matrix.grad = _rows(weight.grad).flatten(1)

    optimizer.register_step_pre_hook(hand_over)
    return optimizer


def _rows(kernel: Tensor) -> Tensor:
    """(out, in, h, w) as (out, h, w, in), which is how channels_last lies in memory."""
    return kernel.permute(0, 2, 3, 1)
