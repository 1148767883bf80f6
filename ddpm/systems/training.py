"""The old names of `run_training`, one for each kind of model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddpm.checkpoint import as_dict, configs_of
from ddpm.config import Config
from ddpm.data.dataset import Pictures
from ddpm.presets import STUDENT
from ddpm.systems import imagen, unclip
from ddpm.systems.cascade import CASCADE
from ddpm.training.folder import check_kind, read_configs
from ddpm.training.run import run_training


def _of_kind(usual: Any) -> Callable[..., Path | None]:
    def train(
        out: str | Path, config: Any = None, data: Any = None, *, resume: bool = False, **settings
    ) -> Path | None:
        """`run_training` of this kind of model, with its usual settings if none are given: `out`,
        `config`, `data`, `resume` and the others as there."""
        if resume:
            check_kind(configs_of(as_dict(usual)), read_configs(out), out)
        elif config is None:
            config = usual
        return run_training(out, config, data, resume=resume, **settings)

    return train


run_cascade, train_text_to_image, train_unclip = map(
    _of_kind, (CASCADE, imagen.CONFIGS, unclip.CONFIGS)
)


def run_distillation(
    out: str | Path,
    teacher: str | Path | None = None,
    config: Config | None = None,
    data: str | Path | Pictures | None = None,
    *,
    resume: bool = False,
    **settings,
) -> Path | None:
    """`run_training` of a student, with `out`, `teacher`, `config`, `data`, `resume` and the others
    as there; one that goes on keeps its settings."""
    given = None if resume else config
    return _of_kind(STUDENT)(out, given, data, resume=resume, teacher=teacher, **settings)
