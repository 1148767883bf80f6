"""Settings as options of the command line, and back."""

import argparse
from dataclasses import replace

import torch
from torch import Tensor

from ddpm.checkpoint import CheckpointError
from ddpm.config import Config
from ddpm.sampling.sample import SAMPLER, STEPS
from ddpm.sampling.samplers import ALL_SAMPLERS
from ddpm.sampling.spacing import SPACINGS
from ddpm.settings import settings_of
from ddpm.systems.base import System, load
from ddpm.systems.run import Run


def changed(base: Config, args: argparse.Namespace, prefix: str = "") -> Config:
    """`base` with the settings that stand on the command line, there with this prefix."""
    parts = {}
    for name, part in base.parts().items():
        given = [key for key in settings_of(type(part)) if prefix + key in args]
        parts[name] = replace(part, **{key: getattr(args, prefix + key) for key in given})
    return replace(base, **parts)


def add_settings(
    parser: argparse.ArgumentParser, base: Config, parts: tuple[str, ...], prefix: str = ""
) -> None:
    """An option for each setting of these parts of a `Config`."""
    for part in (getattr(base, name) for name in parts):
        group = parser.add_argument_group(f"{prefix}{type(part).__name__}")
        for name, known in settings_of(type(part)).items():
            group.add_argument(
                f"--{prefix}{name}".replace("_", "-"),
                type=known.read,
                metavar=name.upper() if known.choices is None else "|".join(known.choices),
                default=argparse.SUPPRESS,  # so that a resumed run keeps its own
                help=f"{known.about}: {known.expected} (default: {getattr(part, name)})",
            )


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint",
        default="fashion_mnist",
        help="a file, a run's folder, a shipped name such as fashion_mnist, cascade, text_to_image "
        "or unclip, or owner/name on the Hugging Face Hub (default: fashion_mnist)",
    )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """What all commands take that draw from a model."""
    add_checkpoint(parser)
    parser.add_argument("--sampler", choices=[*ALL_SAMPLERS], help=f"default: {SAMPLER}")
    parser.add_argument(
        "--steps",
        type=_steps,
        help="network calls of each stage that draws pictures, or of some by name, such as "
        f"base=10,super_resolution=8 (default: the model's own; of one network {STEPS})",
    )
    parser.add_argument(
        "--guidance",
        type=float,
        help="how strongly the label or the words are followed; 1 draws as learned (default: the "
        "model's own; with labels 1)",
    )
    parser.add_argument(
        "--guide",
        help="a worse model of the same pictures, such as an earlier or a smaller one: --guidance "
        "then leads away from what it draws, by 1.1 to 1.5",
    )
    parser.add_argument(
        "--interval",
        nargs=2,
        type=float,
        metavar=("LOW", "HIGH"),
        help="the times between which guidance acts, such as 200 800, as the model's own schedule "
        "counts them (default: always)",
    )
    parser.add_argument(
        "--spacing", choices=SPACINGS, help="of one network (default: the sampler's best)"
    )
    parser.add_argument("--seed", type=int, default=0, help="picture k comes from seed + k")


def add_subject(parser: argparse.ArgumentParser, usual: str) -> None:
    """What the pictures are to show."""
    parser.add_argument("--label", help=f"a class of all, by number or name (default: {usual})")
    parser.add_argument("--words", help="what all are to show, for a model that draws by words")


def _steps(text: str) -> int | dict[str, int]:
    if "=" not in text:
        return int(text)
    pairs = (part.partition("=") for part in text.split(","))
    return {name.strip(): int(number) for name, _, number in pairs}


def sampling(args: argparse.Namespace) -> dict:
    """What the command line says of sampling, as `begin` takes it."""
    names = ("sampler", "steps", "guidance", "guide", "interval", "spacing", "seed")
    return {key: getattr(args, key) for key in names}


def drawing_model(args: argparse.Namespace) -> System:
    """The model of --checkpoint. CheckpointError if it draws nothing."""
    model = load(args.checkpoint)
    if not isinstance(model, System):
        raise CheckpointError(
            f"{args.checkpoint}: it guides a model and draws nothing itself; load it with "
            f"ddpm.{type(model).__name__}.load"
        )
    return model


def label_of(model: System, text: str | None) -> int | None:
    """The class of this number or name. ValueError if the model knows none such."""
    if text is None:
        return None
    names = [name.lower() for name in model.classes]
    if text.lower() in names:
        return names.index(text.lower())
    if text.isdecimal() and int(text) < len(names):
        return int(text)
    if not names:
        raise ValueError("this model knows no labels: leave out --label")
    raise ValueError(
        f"--label must lie between 0 and {len(names) - 1}, or be one of {', '.join(names)}, not "
        f"{text}"
    )


def begun(
    model: System,
    count: int,
    *,
    labels: int | Tensor | None = None,
    words: str | None = None,
    **settings,
) -> Run:
    """A run that draws `count` pictures. A model that draws by words gets the names of the classes
    as its text; without labels or words it draws anything. ValueError names an option that this
    model doesn't take."""
    given = {key: value for key, value in settings.items() if value is not None}
    of_one = given.keys() & {"spacing", "schedule", "guide"}
    if len(model.PARTS) > 1 and of_one:
        raise ValueError(f"{', '.join(of_one)} can be set for a model of one network alone")
    if not model.BY_WORDS:
        if words is not None:
            raise ValueError("this model reads no words: say what to draw with --label")
        return model.begin(count, labels=labels, **given)
    if words is None and labels is not None:
        texts = [model.classes[k] for k in torch.as_tensor(labels).expand(count).tolist()]
    else:
        texts = [words or ""] * count
    return model.begin(texts, **given)
