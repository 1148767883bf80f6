"""The old names of `run_training`, one for each kind of model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ddpm.config import STUDENT, Config
from ddpm.data.folder import Pictures
from ddpm.systems import imagen, unclip
from ddpm.systems.cascade import CASCADE, CascadeConfig
from ddpm.training.folder import check_kind, read_configs
from ddpm.training.run import run_training


def run_distillation(
    out: str | Path,
    teacher: str | Path | None = None,
    config: Config = STUDENT,
    data: str | Path | Pictures | None = None,
    *,
    resume: bool = False,
    **settings: Any,
) -> Path | None:
    """`run_training` of a student; one that goes on keeps its settings."""
    if resume:
        check_kind({"": STUDENT}, read_configs(out), out)
    own = None if resume else config
    return run_training(out, own, data, resume=resume, teacher=teacher, **settings)


def run_cascade(
    out: str | Path,
    config: CascadeConfig = CASCADE,
    data: Pictures | None = None,
    **settings: Any,
) -> Path | None:
    """`run_training` of a cascade."""
    return run_training(out, config, data, **settings)


def train_text_to_image(
    out: str | Path, configs: Mapping[str, Config] | None = None, **settings: Any
) -> Path | None:
    """`run_training` of Imagen's networks."""
    return _of_words(out, configs, imagen.CONFIGS, settings)


def train_unclip(
    out: str | Path, configs: Mapping[str, Config] | None = None, **settings: Any
) -> Path | None:
    """`run_training` of DALL·E 2's networks."""
    return _of_words(out, configs, unclip.CONFIGS, settings)


def _of_words(
    out: str | Path,
    configs: Mapping[str, Config] | None,
    usual: dict[str, Config],
    settings: dict[str, Any],
) -> Path | None:
    if configs is None and settings.get("resume"):
        check_kind(usual, read_configs(out), out)
    elif configs is None:
        configs = usual
    return run_training(out, configs, **settings)
