"""The training of a cascade in a folder: two runs of `ddpm.training.run`, and one file of both."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ddpm.checkpoint import (
    MODEL,
    ONLY,
    CheckpointError,
    load_parts,
    write_whole,
)
from ddpm.data.folder import Pictures
from ddpm.data.images import to_float, to_uint8
from ddpm.diffusion.augmentation import shrink
from ddpm.systems.cascade import CASCADE, NETWORKS, STAGES, Cascade, CascadeConfig
from ddpm.systems.resuming import check_resumes
from ddpm.training.run import (
    SAVE_EVERY_S,
    STATE,
    check_new,
    end_process_group,
    read_pictures,
    run_stage,
)

CONFIG = "config.json"  # of both stages, as the second may not have begun when a run resumes


def run_cascade(
    out: str | Path,
    config: CascadeConfig = CASCADE,
    data: Pictures | None = None,
    *,
    resume: bool = False,
    source: str = "auto",
    save_every: float = SAVE_EVERY_S,
) -> Path | None:
    """Train both stages in the folder `out`, one after the other, and return the path of the model.
    None if Ctrl-C or SIGTERM ended it before: it has saved, and resumes.

    Args:
        out: gets the folders base and super_resolution, as `run_training` writes them, and
            model.safetensors with both networks.
        config: with resume, that of the run; only the numbers of steps may differ.
        data: pictures in place of Fashion-MNIST.
        resume, source, save_every: as `run_training`.

    ValueError or OSError says what is wrong with the settings, the pictures or the folder.
    TrainingDiverged leaves the state before the step that diverged.
    """
    out = Path(out)
    if resume:
        check_same_config(config, read_config(out), out)
    else:
        check_new(out / CONFIG)
    large = read_pictures(data, config.super_resolution, source)
    small = replace(large, images=to_uint8(shrink(to_float(large.images))))
    write_whole(out / CONFIG, json.dumps(config.to_dict(), indent=2).encode())
    for stage, pictures in zip(STAGES, (small, large), strict=True):
        begun = resume and (out / stage / STATE).exists()
        settings = getattr(config, stage)
        if not run_stage(out / stage, settings, pictures, begun, source, save_every):
            print(f"stopped in {stage}: add --resume to go on")
            return None
    end_process_group()
    joined(out).save(out / MODEL)
    print(f"both stages -> {out / MODEL}")
    return out / MODEL


def read_config(out: Path) -> CascadeConfig:
    """The config of the run in `out`. CheckpointError if there is none."""
    check_resumes(out, NETWORKS)
    try:
        return CascadeConfig.from_dict(json.loads((out / CONFIG).read_text()))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{out}: there is no run of a cascade to resume ({error})") from error


def check_same_config(config: CascadeConfig, earlier: CascadeConfig, out: Path) -> None:
    """A resumed run keeps its settings; it may become longer."""

    def same_length(stage: str):
        now, before = getattr(config, stage), getattr(earlier, stage)
        return replace(now, train=replace(now.train, steps=before.train.steps))

    if CascadeConfig(*map(same_length, STAGES)) != earlier:
        raise ValueError(f"--resume keeps the settings of {out}; change the steps alone")


def joined(out: Path) -> Cascade:
    """The cascade of both stages of a run."""
    base, large = (load_parts(out / stage, device="cpu")[0][ONLY] for stage in STAGES)
    return Cascade(base, large, {"base": base.info, "super_resolution": large.info})
