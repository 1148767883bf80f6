"""A network as one ONNX file, for runtimes without PyTorch: docs/sample_onnx.py draws from one."""

import importlib.util
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ddpm.checkpoint import Part
from ddpm.config import Config
from ddpm.files import write_whole
from ddpm.networks.clip import EMBEDDING
from ddpm.networks.network import Condition
from ddpm.networks.text import WIDTH, EncodedText

DTYPES = {"float32": torch.float32, "float16": torch.float16}
NEEDS = ("onnx", "onnxscript")
MISSING = 'an export to ONNX needs more packages: pip install "ddpm-lab[onnx]"'
EXAMPLE = 2  # pictures, and words in a text, of the inputs that the network is traced with


def export_onnx(
    model: Part,
    path: str | Path,
    *,
    dtype: torch.dtype = torch.float32,
    made_from: str | None = None,
) -> None:
    """Write the network of a model to one ONNX file at `path`, whole or not at all.

    Its inputs are float32 of any batch size B: x (B, C, H, W), t (B,), which may be fractional, and
    what the network draws by: `labels` (B, classes + 1), a weight for each class and last for "no
    label"; `tokens` (B, L, 50) and `weights` (B, L) of words; `embedding` (B, 64); `low` and `aug`.
    Its output is the network's own, of which the config's `objective` says what it predicts. The
    file's metadata hold `config`, `info` and `schedule` as JSON, the last with ᾱ of each t, and
    `made_from`, the fingerprint of the checkpoint, if it is given.

    With `dtype` float16 the weights are stored in half the bytes, and widened when the file is
    loaded; the network computes in float32 either way. ValueError if packages are missing.
    """
    if any(importlib.util.find_spec(name) is None for name in NEEDS):
        raise ValueError(MISSING)
    if dtype not in DTYPES.values():
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)} of torch, not {dtype!r:.80}")
    traced = _traced(model)
    _forget(traced)
    if dtype == torch.float16:
        _halve(traced)
    table = {"alphas_cumprod": model.schedule.exact_alphas_cumprod.tolist()}
    notes = {"config": model.config.to_dict(), "info": model.info, "schedule": table}
    told = {name: json.dumps(value, ensure_ascii=False) for name, value in notes.items()}
    for name, value in (told | ({"made_from": made_from} if made_from else {})).items():
        traced.metadata_props.add(key=name, value=value)
    write_whole(Path(path), traced.SerializeToString())


def inputs_of(config: Config) -> dict[str, tuple]:
    """The shapes of a network's inputs by name, "B" for the batch and "L" for words."""
    unet, name = config.unet, config.network
    size = unet.image_size
    shapes: dict[str, tuple] = {"x": ("B", unet.channels, size, size), "t": ("B",)}
    if name == "prior":
        shapes["x"] = ("B", EMBEDDING)
    if name == "contrastive_pair":
        del shapes["t"]
    if name in ("unet", "super_resolution") and unet.num_classes is not None:
        shapes["labels"] = ("B", unet.num_classes + 1)
    if name not in ("unet", "super_resolution", "classifier"):
        shapes |= {"tokens": ("B", "L", WIDTH), "weights": ("B", "L")}
    if name in ("prior", "decoder"):
        shapes["embedding"] = ("B", EMBEDDING)
    if name.endswith("super_resolution"):
        shapes |= {"low": ("B", unet.channels, size // 2, size // 2), "aug": ("B",)}
    return shapes


class _Flat(nn.Module):
    """A network whose inputs are tensors alone, in the order of their names."""

    def __init__(self, network: nn.Module, names: tuple[str, ...]):
        super().__init__()
        self.network, self.names = network, names

    def forward(self, *values: Tensor) -> Any:
        given = dict(zip(self.names, values, strict=True))
        x, t = given.pop("x"), given.pop("t", None)
        text = None
        if "tokens" in given:
            text = EncodedText(given.pop("tokens"), given.pop("weights"))
        if t is None:  # of a pair of encoders, which know no noise
            return self.network(x, text)
        return self.network(x, t, Condition(text=text, **given))


def _traced(model: Part) -> Any:
    """The network as an onnx.ModelProto, its weights in float32."""
    shapes = inputs_of(model.config)
    sizes: dict[Any, Any] = {"B": EXAMPLE, "L": EXAMPLE + 1}
    whole = ([sizes.get(n, n) for n in shape] for shape in shapes.values())
    example = tuple(torch.ones(shape, device=model.schedule.device) for shape in whole)
    named = {name: torch.export.Dim(name) for name in sizes}
    free = tuple(
        {k: named[n] for k, n in enumerate(shape) if n in named} for shape in shapes.values()
    )
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            _Flat(model.network, tuple(shapes)).eval(),
            example,
            input_names=[*shapes],
            dynamic_shapes={"values": free},
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # as with dynamo=True it is
    return program.model_proto


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks, and without the fused Transformer that ONNX doesn't have."""
    log, fast = logging.getLogger("torch.onnx"), torch.backends.mha.get_fastpath_enabled()
    level = log.level
    torch.backends.mha.set_fastpath_enabled(False)
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        log.setLevel(level)


def _forget(traced: Any) -> None:
    """What the exporter notes of where each node comes from: a fifth of the file, and the paths of
    this machine."""
    graph = traced.graph
    for each in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del each.metadata_props[:]
    del graph.value_info[:]


def _halve(traced: Any) -> None:
    """Store the weights in float16. Runtimes widen them when they load the file, as a cast of a
    constant is one."""
    import onnx
    from onnx import helper, numpy_helper

    casts, graph = [], traced.graph
    for weight in graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or not weight.name.startswith("network."):
            continue
        name = weight.name
        values = numpy_helper.to_array(weight).astype("float16")
        half = numpy_helper.from_array(values, f"{name}.half")
        weight.CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
