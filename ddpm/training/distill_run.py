"""A distillation in a folder, as `ddpm.training.run` is for a training run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ddpm import checkpoint
from ddpm.config import STUDENT, Config, UnetConfig
from ddpm.data.folder import Pictures
from ddpm.sampling.noisy_classifier import NoisyClassifier
from ddpm.training import trajectories
from ddpm.training.distill import check_teacher, distill
from ddpm.training.fit import check_data
from ddpm.training.loop import TrainState
from ddpm.training.run import (
    SAVE_EVERY_S,
    STATE,
    check_new,
    check_same_data,
    end_process_group,
    follow,
    machine,
    read_pictures,
    tidy,
)


def run_distillation(
    out: str | Path,
    teacher: str | Path | None = None,
    config: Config = STUDENT,
    data: str | Path | Pictures | None = None,
    *,
    classifier: str | Path | None = None,
    resume: bool = False,
    source: str = "auto",
    save_every: float = SAVE_EVERY_S,
) -> Path:
    """Distil `teacher` in the folder `out`, and return the path of the student.

    Ctrl-C and SIGTERM end it between two steps, and save.

    Args:
        out: gets the folder trajectories, then state.safetensors, model.safetensors and log.jsonl.
            Trajectories that are there already are not drawn again.
        teacher: as `load_checkpoint` takes it; a resumed run needs none.
        config: of the training and the distillation; network and process are the teacher's.
        data: pictures for the second stage, see `run_training`. None for those that the teacher
            learned from.
        classifier: judges in the last stage, as `NoisyClassifier.load` takes it. None leaves that
            stage out; a resumed run has the one that it began with.
        resume: go on with the run in `out`, whose settings stay as they are.
        source: where Fashion-MNIST comes from, see `fashion_mnist`.
        save_every: seconds between two saves.

    ValueError or OSError says what is wrong with the teacher, the classifier, the settings, the
    pictures or the folder. TrainingDiverged leaves the state before the step that diverged.
    """
    _run(Path(out), teacher, config, data, classifier, resume, source, save_every)
    end_process_group()
    return Path(out) / checkpoint.MODEL


def _run(
    out: Path,
    teacher: str | Path | None,
    config: Config,
    data: str | Path | Pictures | None,
    classifier: str | Path | None,
    resume: bool,
    source: str,
    save_every: float,
) -> None:
    tensors, loaded = None, None
    if resume:
        tensors, config, info = checkpoint.load_tensors(out / STATE)
        if config.distill is None:
            raise ValueError(f"{out / STATE} is no distillation: resume it with train")
        _check_same("teacher", teacher, info)
        _check_same("classifier", classifier or info.get("classifier"), info)
    else:
        check_new(out / STATE)
        loaded, config, info = _begin(teacher, classifier, config)
    pictures = read_pictures(data or info.get("data"), config, source)
    check_same_data(pictures, info)
    labels = pictures.labels if config.unet.num_classes is not None else None
    check_data(config.unet, pictures.images, labels)
    judge = None
    if "classifier" in info:
        judge = _load_classifier(classifier or info["classifier"], config.unet)
    network = checkpoint.build_network(config)
    if loaded is not None:
        network.load_state_dict(loaded.model.network.state_dict())
    state = TrainState(network, config.train)
    if tensors is not None:
        state.load_tensors(tensors)
    info = {"images": len(pictures.images), "seconds": 0.0, "machine": machine(state)} | info
    if state.accelerator.is_main_process:
        if loaded is not None:
            trajectories.draw_all(loaded, info["made_by"], config, out)
        tidy(out, state.step)
    state.accelerator.wait_for_everyone()
    paths = trajectories.load(config, info["made_by"], out)
    steps = distill(state, checkpoint.build_schedule(config), paths, pictures, config, judge)
    follow(steps, state, config, info, out, save_every)


def _begin(
    teacher: str | Path | None, classifier: str | Path | None, config: Config
) -> tuple[checkpoint.Part, Config, dict]:
    """Of a new run: the teacher, all settings, and what its files say of where they come from."""
    if teacher is None:
        raise ValueError("a new distillation needs a teacher")
    file = checkpoint.find_checkpoint(teacher)
    loaded = checkpoint.load_parts(file, ("unet",))[0][checkpoint.ONLY]
    check_teacher(loaded)
    config = replace(config, unet=loaded.config.unet, diffusion=loaded.config.diffusion)
    info: dict = {"teacher": str(teacher), "made_by": trajectories.fingerprint(file)}
    if classifier is not None:
        judged_by = trajectories.fingerprint(checkpoint.find_checkpoint(classifier))
        info |= {"classifier": str(classifier), "judged_by": judged_by}
    elif config.distill is not None:
        config = replace(config, distill=replace(config.distill, judged=0.0))
    info |= {"sampling": {"sampler": "consistency", "steps": 2}}
    info |= {key: loaded.info[key] for key in ("data", "classes") if key in loaded.info}
    return loaded, config, info


def _load_classifier(path: str | Path, unet: UnetConfig) -> NoisyClassifier:
    classifier = NoisyClassifier.load(path)
    theirs, ours = classifier.config.unet, unet
    if theirs.shape != ours.shape or ours.num_classes not in (None, theirs.num_classes):
        raise ValueError(
            f"the classifier {path} knows {theirs.num_classes} classes of pictures "
            f"{theirs.shape}, the teacher {ours.num_classes} of {ours.shape}"
        )
    return classifier


def _check_same(what: str, given: str | Path | None, info: dict) -> None:
    """ValueError unless the file is the one that the run began with: "teacher" or "classifier"."""
    if given is None:
        return
    known = info.get({"teacher": "made_by", "classifier": "judged_by"}[what])
    if trajectories.fingerprint(checkpoint.find_checkpoint(given)) != known:
        raise ValueError(
            f"--resume goes on with the {what} {info.get(what, 'none')}, and {given} is another "
            "network"
        )
