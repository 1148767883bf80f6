"""The emoji that ship with the code, beside Unicode's own list of what they show."""

import json

import torch

import ddpm
from ddpm.data.emoji import CLASSES, EMOJI, GROUPS
from ddpm.evaluation.frechet import features_and_logits, load_classifier


def test_all_emoji_of_each_group_are_in_one_of_the_two_splits():
    train, test = EMOJI.load("train"), EMOJI.load("test")
    counts = json.loads(GROUPS.read_text("utf-8"))
    both = torch.cat([train.labels, test.labels]).bincount()
    assert both.tolist() == list(counts.values()) and len(CLASSES) == len(counts)
    assert 8 < len(train.labels) / len(test.labels) < 10
    seen = {picture.numpy().tobytes() for picture in train.images}
    assert sum(picture.numpy().tobytes() in seen for picture in test.images) < 5  # a few repeat


def test_the_groups_look_as_they_are_called():
    """Smileys are yellow in the middle; flags are wide, on white above and below."""
    train = EMOJI.load("train")
    smileys, flags = (train.images[train.labels == CLASSES.index(n)] for n in ("Smiley", "Flag"))
    red, green, blue = smileys[:60, :, 14:18, 14:18].float().mean((0, 2, 3))
    assert red > 180 and green > 130 and blue < 120
    assert (flags[:, :, :2] > 240).float().mean() > 0.95
    assert (flags[:, :, 10:22, 4:28] > 240).float().mean() < 0.5


def test_the_shipped_model_draws_what_the_shipped_classifier_recognises():
    """Two of each of nine groups, in three calls; by chance it would take two for what they are."""
    wanted = torch.arange(18) % len(CLASSES)
    model = ddpm.load("emoji", "cpu")
    drawn = ddpm.to_uint8(model.sample(18, labels=wanted, guidance=2.0, steps=3, seed=0))
    _, logits = features_and_logits(drawn, load_classifier(EMOJI.judge))
    assert (logits.argmax(1) == wanted).sum() >= 12
