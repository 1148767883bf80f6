"""Features that owe no classifier anything: what encoders see that were trained on pictures alone.

A model that learned from a classifier's word, or is guided by labels, pleases any classifier. These
don't flatter it: "autoencoder" is what figures are chosen by, "contrastive" and "pixels" are only
reported. `benchmarks/train_encoders.py` makes their file, which also has what each sees in all
training pictures, so that anybody's pictures can be compared with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ddpm.data.images import to_float
from ddpm.shown import progress

if TYPE_CHECKING:
    from torchmetrics.image.fid import FrechetInceptionDistance

BATCH = 500


class Encoder(nn.Module):
    """uint8 pictures (N, C, H, W) to features (N, num_features), by a network of pictures in
    [-1, 1]."""

    def __init__(self, network: nn.Module, num_features: int):
        super().__init__()
        self.network = network
        self.num_features = num_features
        self.reference: Mapping[str, Tensor] = {}  # the metric's state after all training pictures

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        if images.dtype != torch.uint8 or images.ndim != 4:
            raise ValueError(
                f"images must be uint8 (N, C, H, W), not {images.dtype} {images.shape}"
            )
        return torch.cat(
            [self.network(to_float(part)) for part in progress(images.split(BATCH), "batch")]
        )

    def metric(self) -> FrechetInceptionDistance:
        """torchmetrics' Fréchet distance in these features (Heusel et al. 2017), with the training
        pictures of `reference` on the real side."""
        from torchmetrics.image.fid import FrechetInceptionDistance  # 4 s to import

        metric = FrechetInceptionDistance(feature=self, reset_real_features=not self.reference)
        for name, value in self.reference.items():
            setattr(metric, name, value)
        return metric


class Onnx(nn.Module):
    """Any network of a file that OpenVINO reads, such as an Inception as ONNX: RGB pictures in
    [-1, 1] (B, 3, H, W), of the size that it takes, to features (B, num_features)."""

    def __init__(self, path: str | Path):
        super().__init__()
        try:
            import openvino
        except ImportError as error:
            raise ValueError(f'{path} needs a package: pip install "ddpm-lab[openvino]"') from error
        try:
            model = openvino.Core().read_model(path)
            (_, channels, *size), (_, features) = (
                [n.get_length() if n.is_static else None for n in end.partial_shape]
                for end in (model.input(0), model.output(0))
            )
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"{path}: not a network from pictures to features: {error}") from error
        if channels != 3 or features is None:
            raise ValueError(f"{path}: takes {channels} channels to {features} features, not RGB")
        self.size: Any = size  # None for any
        self.num_features = features
        self.graph = openvino.Core().compile_model(model, "CPU")

    def forward(self, x: Tensor) -> Tensor:
        x = x.expand(-1, 3, -1, -1)
        if None not in self.size:
            x = nn.functional.interpolate(x, self.size, mode="bilinear")
        return torch.from_numpy(self.graph(x.contiguous().numpy())[0].copy())


def load_features(path: str | Path) -> Encoder:
    """The network of such a file as an encoder. ValueError says why it is none."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such file of a network")
    network = Onnx(path)
    return Encoder(network, network.num_features)


def layer(dim: int, dim_out: int, stride: int = 1) -> list[nn.Module]:
    """Of these encoders and of the classifiers that judge."""
    conv = nn.Conv2d(dim, dim_out, 3, stride=stride, padding=1, bias=False)
    return [conv, nn.BatchNorm2d(dim_out), nn.ReLU()]


def convolutions(channels: int, num_features: int) -> nn.Sequential:
    """Pictures (B, C, 28, 28) to features whose place in the picture is lost."""
    return nn.Sequential(
        *layer(channels, 32, 2), *layer(32, 64), *layer(64, num_features, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def bottleneck(channels: int, num_features: int) -> nn.Sequential:
    """Pictures (B, C, 28, 28) to all that a decoder needs to draw them again."""
    return nn.Sequential(
        nn.Conv2d(channels, 32, 4, stride=2, padding=1), nn.SiLU(),
        nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.SiLU(),
        nn.Conv2d(64, 64, 3, padding=1), nn.SiLU(),
        nn.Flatten(), nn.Linear(64 * 7 * 7, num_features),
    )  # fmt: skip


def components(channels: int, num_features: int) -> nn.Sequential:
    """The principal components of pixels (B, C, 28, 28)."""
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * 28 * 28, num_features))


NETWORKS: dict[str, Callable[[int, int], nn.Sequential]] = {
    "autoencoder": bottleneck,
    "contrastive": convolutions,
    "pixels": components,
}
FEATURES = {"autoencoder": 64, "contrastive": 128, "pixels": 64}


def load_encoders(path: str | Path) -> dict[str, Encoder]:
    """By name, the encoders of a file that `benchmarks/train_encoders.py` wrote."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such file of encoders")
    try:
        tensors = load_file(path)
        return {name: _built(name, tensors) for name in NETWORKS}
    except (SafetensorError, RuntimeError, LookupError) as error:
        raise ValueError(f"{path}: not a file of these encoders ({error})") from error


def _built(name: str, tensors: Mapping[str, Tensor]) -> Encoder:
    prefix = f"{name}."
    own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    encoder = Encoder(NETWORKS[name](1, FEATURES[name]), FEATURES[name])
    encoder.reference = {key: own.pop(key) for key in list(own) if not key.startswith("network.")}
    encoder.load_state_dict({key: value.to(torch.float32) for key, value in own.items()})
    return encoder.eval().requires_grad_(False)
