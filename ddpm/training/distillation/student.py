"""A student's lesson: the paths of its teacher, then the data, then its teacher's or a classifier's
word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from ddpm.checkpoint import ONLY, Part, build_network, build_schedule, find_checkpoint, load_parts
from ddpm.config import Config, UnetConfig
from ddpm.data.batches import batches
from ddpm.data.dataset import Pictures
from ddpm.files import fingerprint
from ddpm.sampling.noisy_classifier import NoisyClassifier
from ddpm.sampling.sample import begin
from ddpm.training.distillation import trajectories
from ddpm.training.distillation.distill import check_alike, check_teacher, distill, judged_loss
from ddpm.training.distillation.flow_map import learn_flow_map
from ddpm.training.distillation.matching import matched_loss
from ddpm.training.distillation.moments import moments_loss
from ddpm.training.fit import check_data
from ddpm.training.lesson import Lesson, Materials
from ddpm.training.loop import TrainStep, place, train
from ddpm.training.state import TrainState

# In so many calls a student goes on; and where a flow map is asked for each, on its teacher's way
AT = {"1": (0,), "2": (0, 0.6), "4": (0, 0.25, 0.5, 0.75)}
# Under which name a run notes what a file was when it began
MADE_BY = {"teacher": "made_by", "classifier": "judged_by", "start": "started_from"}


@dataclass(kw_only=True)
class StudentLesson(Lesson):
    """Trajectories that are in the run's folder already are not drawn again."""

    teacher: Part | None  # None once its paths are drawn, if a classifier has the last word
    first: Part | None  # whose weights it begins with, and the critic; None where teacher is
    pictures: Pictures
    out: Path
    judge: NoisyClassifier | None = None

    def network(self) -> nn.Module:
        network = build_network(self.config)
        if self.first is not None:  # of a flow map, what embeds the end is new
            network.load_state_dict(network.state_dict() | self.first.network.state_dict())
        return network

    def steps(self, state: TrainState, trained: Mapping[str, nn.Module]) -> Iterator[TrainStep]:
        paths = self.paths(state)
        schedule, last = build_schedule(self.config), None
        device = state.accelerator.device
        assert self.config.distill is not None
        if self.config.distill.flow_map:
            calls = [*self.info["sampling"]["times"].values()]
            return learn_flow_map(state, schedule, paths, self.config, calls)
        if self.judge is not None:
            network, times = self.judge.network.to(device), self.judge.schedule.to(device)
            last = judged_loss(replace(self.judge, network=network, schedule=times))
        elif self.teacher is not None:
            assert self.first is not None
            last = matched_loss(self.teacher.model.to(device), state, self.first.network)
        return distill(state, schedule, paths, self.pictures, self.config, last)

    def paths(self, state: TrainState) -> trajectories.Trajectories:
        made_by = self.info["made_by"]
        if self.teacher is not None and state.accelerator.is_main_process:
            trajectories.draw_all(self.teacher, made_by, self.config, self.out)
        state.accelerator.wait_for_everyone()
        return trajectories.load(self.config, made_by, self.out)


class GoesOn(StudentLesson):
    """Of a finished student: see moments.py."""

    def steps(self, state: TrainState, trained: Mapping[str, nn.Module]) -> Iterator[TrainStep]:
        assert self.teacher is not None and self.first is not None
        assert self.config.distill is not None
        images, size = self.pictures.images, self.config.train.batch_size
        at = {"seed": self.config.train.seed, **place(state, state.step)}
        if self.config.distill.flow_map:
            feed = self.paths(state).whole(size, **at)
        else:
            labels = self.pictures.labels if self.config.unet.num_classes is not None else None
            feed = batches(images, labels, size, **at)
        calls = [_times(self.first, int(n)) for n in AT]
        teacher = self.teacher.model.to(state.accelerator.device)
        loss = moments_loss(teacher, images, calls, state)
        return train(state, build_schedule(self.config), feed, self.config, loss)


def student_lesson(config: Config, materials: Materials, noted: dict) -> Lesson:
    """Of a new student, or by what is noted of one that goes on."""
    teacher, classifier = materials.teacher, materials.classifier
    begun, first, info = None, None, dict(noted)
    if noted:
        check_same("teacher", teacher, info)
        check_same("classifier", classifier or info.get("classifier"), info)
        assert config.distill is not None
        start = info.get("start")
        if (config.distill.judged or start is not None) and "classifier" not in info:
            for what, file in (("teacher", teacher or info["teacher"]), ("start", start)):
                check_same(what, file, info)
            begun = loaded(teacher or info["teacher"])
            first = begun if start is None else loaded(start)
    else:
        begun, first, config, info = _begin(teacher, materials.start, classifier, config)
    pictures = materials.pictures(config, info)
    check_data(config, pictures.images, pictures.labels)
    info["images"] = len(pictures.images)
    if materials.data is not None:
        info |= {"data": pictures.source, "classes": pictures.classes}
    about = f"{len(pictures.images):,} pictures, and "
    if begun is not None and first is not None and _goes_on(config, first):
        about += f"what {info['teacher']} sees in them"
        return GoesOn(
            config=config, about=about, info=info, teacher=begun, first=first, pictures=pictures,
            out=materials.out,
        )  # fmt: skip
    judge = None
    if "classifier" in info:
        judge = _load_classifier(classifier or info["classifier"], config.unet)
    about += f"the paths of {info['teacher']}"
    return StudentLesson(
        config=config, about=about, info=info, teacher=begun, first=first, pictures=pictures,
        judge=judge, out=materials.out,
    )  # fmt: skip


def _begin(
    teacher: str | Path | None,
    start: str | Path | None,
    classifier: str | Path | None,
    config: Config,
) -> tuple[Part, Part, Config, dict[str, Any]]:
    """Of a new run: the teacher, whose weights the student begins with, all settings, and what its
    files say of where they come from."""
    if teacher is None:
        raise ValueError("a new distillation needs a teacher")
    begun = first = loaded(teacher)
    check_teacher(begun)
    info: dict[str, Any] = {
        "teacher": str(teacher),
        "made_by": fingerprint(find_checkpoint(teacher)),
    }
    if start is not None:
        first = loaded(start)
        rule = "a student begins with weights like its teacher's"
        check_alike(rule, begun.config, replace(first.config, distill=None))
        info |= {"start": str(start), "started_from": fingerprint(find_checkpoint(start))}
    sampling: dict[str, Any] = {"sampler": "consistency", "steps": 2}
    assert config.distill is not None
    if config.distill.flow_map:
        if classifier is not None:
            raise ValueError("a flow map learns from its teacher's paths alone: leave it out")
        asked = begin(begun, 1, steps=config.distill.calls).timesteps
        ladders = {n: [asked[int(share * len(asked))] for share in at] for n, at in AT.items()}
        sampling = {"sampler": "flow_map", "steps": 4, "times": ladders}
    if _goes_on(config, first):
        if classifier is not None:
            raise ValueError("a classifier has no word where a student goes on: leave it out")
        config = replace(config, distill=first.config.distill)  # how it came to be
        sampling = {key: first.info["sampling"][key] for key in ("sampler", "steps")}
        sampling |= {"times": {n: _times(first, int(n)) for n in AT}}
    known = {name: getattr(begun.config, name) for name in ("diffusion", "data")}
    config = replace(config, unet=first.config.unet, **known)
    if classifier is not None:
        judged_by = fingerprint(find_checkpoint(classifier))
        info |= {"classifier": str(classifier), "judged_by": judged_by}
    info |= {"sampling": sampling}
    info |= {key: begun.info[key] for key in ("data", "classes") if key in begun.info}
    return begun, first, config, info


def _goes_on(config: Config, first: Part) -> bool:
    """Whether it begins as a finished student, and learns no flow map that it doesn't know yet."""
    known, asked = first.config.distill, config.distill
    return known is not None and (asked is None or asked.flow_map <= known.flow_map)


def _times(student: Part, calls: int) -> list[int]:
    """Where it makes so many."""
    return begin(student, 1, steps=calls).timesteps


def loaded(file: str | Path) -> Part:
    return load_parts(find_checkpoint(file), ("unet",))[0][ONLY]


def _load_classifier(path: str | Path, unet: UnetConfig) -> NoisyClassifier:
    classifier = NoisyClassifier.load(path)
    theirs, ours = classifier.config.unet, unet
    if theirs.shape != ours.shape or ours.num_classes not in (None, theirs.num_classes):
        raise ValueError(
            f"the classifier {path} knows {theirs.num_classes} classes of pictures "
            f"{theirs.shape}, the teacher {ours.num_classes} of {ours.shape}"
        )
    return classifier


def check_same(what: str, given: str | Path | None, info: Mapping[str, Any]) -> None:
    """ValueError unless the file is the one that the run began with: a name in `MADE_BY`."""
    if given is None:
        return
    known = info.get(MADE_BY[what])
    if fingerprint(find_checkpoint(given)) != known:
        raise ValueError(
            f"--resume goes on with the {what} {info.get(what, 'none')}, and {given} is another "
            "network"
        )
