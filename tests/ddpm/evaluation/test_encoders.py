"""The shipped encoders: what they say of damage, of copies, and of a file that isn't theirs."""

import pytest
import torch

from ddpm.data import USUAL
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.evaluation.encoders import load_encoders
from ddpm.evaluation.frechet import evaluate, load_classifier, metric_distance
from ddpm.evaluation.neighbours import sliced_wasserstein


@pytest.fixture(scope="module")
def encoders():
    return load_encoders(USUAL.encoders)


@pytest.fixture(scope="module")
def test_set():
    return fashion_mnist("test", source="shipped")


def test_the_reference_is_all_training_pictures(encoders, by_eigenvalues):
    """In principal components, whose Fréchet distance NumPy's eigenvalues give as well."""
    images, _ = fashion_mnist("train")
    drawn = images[:500].flip(-1)
    fa, fb = (encoders["pixels"](part).double() for part in (drawn, images))
    assert len(images) == 60_000
    found = metric_distance(drawn, None, encoders["pixels"].metric())
    assert found == pytest.approx(by_eigenvalues(fa, fb), rel=1e-3)
    spread = fb.T.cov()  # principal components don't correlate, and come in order
    assert (spread - spread.diag().diag()).abs().max() < 1e-2 * spread[0, 0]
    assert spread.diag().tolist() == sorted(spread.diag().tolist(), reverse=True)
    assert spread.trace() > 0.85 * to_float(images).flatten(1).var(0).sum()


def test_each_orders_damage(encoders, test_set):
    clean = test_set[0][:400]
    noise = torch.randint(0, 256, clean.shape).float()
    damaged = [(clean * (1 - share) + noise * share).byte() for share in (0, 0.15, 0.5)]
    for name, encoder in encoders.items():
        figures = [metric_distance(each, None, encoder.metric()) for each in damaged]
        assert figures == sorted(figures) and figures[2] > 2 * figures[0], (name, figures)


def test_real_pictures_are_at_the_floor_of_each_and_copies_are_found_out(encoders, test_set):
    """And have their own labels."""
    real, _ = fashion_mnist("train", source="shipped")
    images, labels = (part[:200] for part in test_set)
    judge = load_classifier(USUAL.judge)
    figures = evaluate(images, labels, real[:2000], images, judge, encoders)
    assert figures["n"] == 200 and figures["precision"] > 0.7 and figures["recall"] > 0.7
    assert figures["label_accuracy"] > 0.9 and sum(figures["class_shares"]) == pytest.approx(1)
    for name, seen in [("judge", figures), *((k, figures[k]) for k in (*encoders, "patches"))]:
        distance = seen.get("frechet_distance", seen.get("sliced_wasserstein"))
        assert distance == pytest.approx(seen["floor"]), name
    assert 0.5 < figures["autoencoder"]["coverage"] <= 1
    near = figures["nearest_training_picture"]
    assert near["generated"] == near["test_pictures"] > 5
    copies = evaluate(real[:200], labels, real[:2000], images[:50], judge, encoders)
    assert copies["nearest_training_picture"]["generated"] < 0.1
    floor = sliced_wasserstein(images[:50], real[:50])  # the figure is of as many on both sides
    assert copies["patches"]["floor"] == pytest.approx(floor)


def test_what_is_no_file_of_encoders_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file of encoders"):
        load_encoders(tmp_path / "nowhere.safetensors")
    with pytest.raises(ValueError, match="not a file of these encoders"):
        load_encoders(USUAL.judge)
