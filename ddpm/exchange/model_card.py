"""A model with its card on the Hugging Face Hub."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from huggingface_hub import EvalResult, HfApi, ModelCard, ModelCardData

from ddpm import figures, hub
from ddpm.checkpoint import ONLY, as_dict
from ddpm.data.images import make_grid, to_pil
from ddpm.files import CheckpointError
from ddpm.systems.base import System, load
from ddpm.training.folder import EVALUATION, LOG

LIBRARY = "ddpm-lab"
REPOSITORY = "https://github.com/ddpm-lab/ddpm-lab"
SAMPLES, CURVE = "samples.png", "curve.png"
SHOWN = 64  # pictures
FROM_FILES = ("data", "teacher", "classifier", "start")  # notes that may be paths
# Figures of `ddpm evaluate` that a card lists, with what they are called there
FIGURES = {
    "frechet_distance": "Fréchet distance in the features of the data set's own classifier",
    "precision": "Precision",
    "recall": "Recall",
    "label_accuracy": "Share of pictures in which a classifier sees the label",
    "inception_fid": "FID",
}
CARD = """---
{{ card_data }}
---

# {{ name }}

{{ about }}

![{{ shown }} pictures, not picked](samples.png)

```python
import ddpm  # pip install ddpm-lab

model = ddpm.load("{{ name }}")
pictures = model.sample({{ asked }}, seed=0)
ddpm.to_pil(ddpm.make_grid(pictures, nrow=4)).save("pictures.png")
```

## How it was trained

{{ training }}

```bash
{{ command }}
```
{% if curve %}
![The loss, step by step](curve.png)
{% endif %}
## How good it is

{{ quality }}

Made with [ddpm-lab]({{ repository }}); see its [documentation]({{ repository }}/tree/main/docs).
"""


def push(
    system: System,
    name: str,
    *,
    run: str | Path | None = None,
    evaluation: Mapping[str, Any] | None = None,
    private: bool | None = None,
    token: str | None = None,
) -> str:
    """Upload a model to the Hugging Face Hub as "owner/name": one commit, with the weights in
    safetensors, its config.json, 64 pictures and a card. Returns the address of the commit.

    Args:
        run: its folder, for the curve of its losses and for what `ddpm evaluate` found of it.
        evaluation: what that printed, in place of the run's.
        private: whether only its owner sees it; None as the owner's account says.
        token: with the right to write; None for that of `hf auth login` or of HF_TOKEN. It is sent
            to the Hub alone, and stands in no message.

    HubError says what is wrong; then nothing was changed there.
    """
    if not isinstance(system, System):
        raise CheckpointError(f"a {type(system).__name__} draws nothing, and is not pushed")
    run = None if run is None else Path(run)
    system = copy.copy(system)
    object.__setattr__(system, "info", _without_paths(system.info))  # some are frozen
    found = _measured(run) if evaluation is None else evaluation
    if name.count("/") != 1:
        raise hub.HubError(f"{name}: a model there is named owner/name")
    with TemporaryDirectory() as work:
        _write(Path(work), system, name, run, found)
        api, said = HfApi(token=token), "Upload by ddpm-lab"
        with hub.sentences(name):
            repository = api.create_repo(name, private=private, exist_ok=True).repo_id
            return str(api.upload_folder(repo_id=repository, folder_path=work, commit_message=said))


def _write(
    folder: Path, system: System, name: str, run: Path | None, found: Mapping[str, Any]
) -> None:
    """All that is uploaded."""
    system.save(folder / hub.MODEL)
    configs = as_dict(system.configs.get(ONLY, system.configs))
    (folder / hub.CONFIG).write_text(json.dumps(configs, indent=2), "utf-8")
    to_pil(make_grid(_pictures(system), nrow=8), scale=2).save(folder / SAMPLES)
    log = run / LOG if run is not None and (run / LOG).is_file() else None
    if log is not None:
        figures.save(figures.losses({name: figures.LossCurve.read(log)}), folder / CURVE)
    card(system, name, found, log is not None).save(folder / "README.md")


def push_run(run: str | Path, name: str, **settings: Any) -> str:
    """`push` of what lies in a run's folder, or is a file or a shipped name."""
    return push(load(run, "cpu"), name, run=run if Path(run).is_dir() else None, **settings)


def _without_paths(info: dict) -> dict:
    """What is noted of a model, without where this machine has its files."""

    def shown(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return _without_paths(value)
        return _without_path(value) if key in FROM_FILES and isinstance(value, str) else value

    return {key: shown(key, value) for key, value in info.items()}


def _without_path(name: str) -> str:
    """Of a file or a folder of this machine no more than its own name."""
    path = Path(name)
    return path.name if path.is_absolute() or path.exists() else name


def _measured(run: Path | None) -> dict[str, Any]:
    if run is None or not (run / EVALUATION).is_file():
        return {}
    try:
        return dict(json.loads((run / EVALUATION).read_text("utf-8")))
    except ValueError as error:
        raise CheckpointError(
            f"{run / EVALUATION} is damaged: measure again with ddpm evaluate ({error})"
        ) from error


def _pictures(system: System) -> torch.Tensor:
    names = system.classes
    labels = [k % len(names) for k in range(SHOWN)] if names else None
    if system.BY_WORDS:
        return system.sample([names[k] for k in labels] if labels else [""] * SHOWN)
    return system.sample(SHOWN, labels=labels)


def card(system: System, name: str, found: Mapping[str, Any], has_curve: bool = False) -> ModelCard:
    """The card of a model: its YAML, and what it says of itself to people."""
    data = system.dataset
    task = "text-to-image" if system.BY_WORDS else "unconditional-image-generation"
    channels, height, width = system.network.shape
    color = "grey" if channels == 1 else "colour"
    labels = f" with {len(system.classes)} classes" if system.classes else ""
    words = "words" if system.BY_WORDS else "noise"
    title = _without_path(data.name)
    settings = {
        "card_data": ModelCardData(
            library_name=LIBRARY,
            pipeline_tag=task,
            tags=["diffusion", "ddpm", type(system).__name__.lower()],
            datasets=[data.hub_id] if data.hub_id else None,
            model_name=name,
            eval_results=_results(found, task, title, data.hub_id or title),
        ),
        "name": name,
        "about": f"A diffusion model that draws {color} pictures of {height} × {width} pixels from "
        f"{words}. It learned from {title}{labels}.",
        "shown": SHOWN,
        "asked": f'["{system.classes[0]}"] * 8' if system.BY_WORDS and system.classes else "8",
        "training": _training(system),
        "command": _command(system, name),
        "curve": has_curve,
        "quality": _quality(found),
        "repository": REPOSITORY,
    }
    return ModelCard.from_template(template_str=CARD, **settings)


def _command(system: System, name: str) -> str:
    """What trains it again, given its config.json and its pictures."""
    if any(config.distill is not None for config in system.configs.values()):
        return "ddpm distill --teacher ITS-TEACHER"
    own = "" if system.dataset.hub_id else f" --data {_without_path(system.dataset.name)}"
    return f"ddpm train --config {hub.CONFIG}{own} --out runs/{name.split('/')[-1]}"


def _training(system: System) -> str:
    lines = ["| network | parameters | steps | time | machine |", "|---|---|---|---|---|"]
    for part, config in system.configs.items():
        count = sum(each.numel() for each in system.networks[part].parameters())
        own = system.info.get(part)
        info = own if isinstance(own, dict) else system.info
        seconds = info.get("seconds")
        time = "–" if seconds is None else f"{seconds / 60:.1f} min"
        steps = info.get("steps", config.train.steps)
        row = (config.network, f"{count:,}", steps, time, info.get("machine", "–"))
        lines.append("| " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines)


def _results(found: Mapping[str, Any], task: str, data: str, id: str) -> list[EvalResult] | None:
    listed = [
        EvalResult(
            task_type=task,
            dataset_type=id,
            dataset_name=data,
            dataset_split="train",
            metric_type="fid" if name == "inception_fid" else name,
            metric_name=f"{said}, n = {found['n']}",
            metric_value=round(float(found[name]), 4),
        )
        for name, said in FIGURES.items()
        if name in found
    ]
    return listed or None


def _quality(found: Mapping[str, Any]) -> str:
    listed = [f"| {said} | {float(found[k]):.4f} |" for k, said in FIGURES.items() if k in found]
    if not listed:
        return "It was not measured: `ddpm evaluate` does."
    m = found.get("floor_n", found["n"])  # which earlier measurements don't have
    floor = f", whose floor, {m} real pictures, is {found['floor']:.4f}" if "floor" in found else ""
    head = f"By `ddpm evaluate --n {found['n']}`{floor}:\n\n| figure | value |\n|---|---|\n"
    return head + "\n".join(listed)
