"""What the networks of each kind of model learn: from which batches, by which loss."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from ddpm.checkpoint import ONLY
from ddpm.config import Config
from ddpm.data.batches import batches, check_batch_size
from ddpm.data.captions import caption_batches, captioned
from ddpm.data.dataset import Pictures
from ddpm.data.images import to_float, to_uint8
from ddpm.diffusion.augmentation import shrink
from ddpm.networks.super_resolution import check_stages
from ddpm.networks.systems import SYSTEMS
from ddpm.training.distillation.student import student_lesson
from ddpm.training.distillation.taught import taught
from ddpm.training.fit import check_data, loss_of
from ddpm.training.lesson import FromBatches, Lesson, Materials
from ddpm.training.text_losses import LOSSES_OF_WORDS

SIZE = 28  # pixels a side of the pictures that have captions


def lessons_of(
    configs: dict[str, Config], materials: Materials, notes: Mapping[str, dict]
) -> dict[str, Lesson]:
    """Those of a model with these settings; of a run that goes on, by what is noted of each
    network. ValueError or OSError says what is wrong, before anything is written."""
    first = next(iter(configs.values()))
    if first.distill is not None:
        return {ONLY: student_lesson(first, materials, notes.get(ONLY, {}))}
    networks = tuple(config.network for config in configs.values())
    if materials.classifier is not None:
        raise ValueError(
            "a classifier is for a student: give a config with distill; or, to measure by one "
            "while a network learns, evaluate_every"
        )
    if materials.teacher is not None and networks != ("unet",):
        raise ValueError("a teacher is for one network that draws, and for a student")
    if networks in SYSTEMS and first.network in LOSSES_OF_WORDS:
        return _of_words(configs, materials)
    return _of_pictures(configs, materials, notes)


def _of_pictures(
    configs: dict[str, Config], materials: Materials, notes: Mapping[str, dict]
) -> dict[str, Lesson]:
    """A network, or two of which the second enlarges what the first draws."""
    *_, (last, large) = configs.items()
    if len(configs) > 1:
        check_stages(next(iter(configs.values())).unet, large.unet)
    noted = notes.get(last) or next(iter(notes.values()), {})
    pictures, lessons = materials.pictures(large, noted), {}
    for name, config in configs.items():
        if isinstance(materials.data, str | Path) and not noted:
            classes = len(pictures.classes) or None
            config = replace(config, unet=replace(config.unet, num_classes=classes))
        own = pictures
        if 2 * config.unet.image_size == large.unet.image_size:
            own = replace(pictures, images=to_uint8(shrink(to_float(pictures.images))))
        lesson = _of_labels(config, own)
        if config.network == "unet" and len(configs) == 1:
            lesson = taught(lesson, materials.teacher, noted)
        lessons[name] = lesson
        if materials.data is not None:
            lesson.info |= {"data": pictures.source, "classes": pictures.classes}
    return lessons


def _of_labels(config: Config, pictures: Pictures) -> FromBatches:
    loss, unet, images = loss_of(config), config.unet, pictures.images
    labels = pictures.labels if unet.num_classes is not None else None
    check_data(config, images, labels)
    feed = partial(batches, images, labels, config.train.batch_size, seed=config.train.seed)
    shape, classes = tuple(images.shape[1:]), unet.num_classes or "no"
    about = f"{len(images):,} pictures (channels, height, width: {shape}), {classes} classes"
    info = {"images": len(images)}
    return FromBatches(
        config=config, feed=feed, loss=lambda _: loss, about=about, info=info, examples=pictures
    )


def _of_words(configs: dict[str, Config], materials: Materials) -> dict[str, Lesson]:
    """Networks that learn from captions, without the combinations held out."""
    if materials.data is not None:
        raise ValueError("only Fashion-MNIST has captions: leave out data")
    data, lessons = captioned("train", source=materials.source), {}
    for name, config in configs.items():
        size = SIZE // 2 if config.network == "text_unet" else SIZE
        if config.network != "prior" and config.unet.shape != (1, size, size):
            raise ValueError(f"{name} must have image_size {size} and channels 1, as captions have")
        check_batch_size(len(data.images), config.train.batch_size)
        feed = partial(caption_batches, data, config.train.batch_size, seed=config.train.seed)
        loss = LOSSES_OF_WORDS[config.network]
        lessons[name] = FromBatches(
            config=config, feed=feed, loss=loss, about=name, dtype=torch.float16
        )
    return lessons
