"""The figures of `ddpm.evaluation`, against closed forms and cases with a known answer."""

from urllib.error import URLError

import pytest
import torch
from torchmetrics.image import fid

from ddpm.data.dataset import Dataset, Pictures
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.evaluation import frechet
from ddpm.evaluation.frechet import (
    evaluate,
    features_and_logits,
    frechet_distance,
    inception_distance,
    inception_metric,
    load_classifier,
    precision_recall,
)
from ddpm.evaluation.quality import measured
from devtools import ROOT

CLASSIFIER = ROOT / "checkpoints" / "classifier.safetensors"


@pytest.fixture(scope="module")
def classifier():
    return load_classifier(CLASSIFIER)


@pytest.fixture(scope="module")
def test_set():
    return fashion_mnist("test", source="shipped")


def test_the_classifier_is_small_and_accurate(classifier, test_set):
    """Under 1 MB, and 93% on the whole test set; the thousand shipped images allow for ±2%."""
    images, labels = test_set
    _, logits = features_and_logits(images, classifier)
    assert CLASSIFIER.stat().st_size < 1e6
    assert (logits.argmax(1) == labels).double().mean() > 0.91


def test_frechet_distance_is_the_closed_form(classifier, test_set, by_eigenvalues):
    images, _ = test_set
    a, b = images[:400], images[400:800].flip(-1)
    expected = by_eigenvalues(*(features_and_logits(x, classifier)[0] for x in (a, b)))
    assert frechet_distance(a, b, classifier) == pytest.approx(expected, rel=1e-3)
    assert frechet_distance(a, a, classifier) == pytest.approx(0, abs=1e-3)


def test_inception_distance_is_the_closed_form_on_grey_pictures_as_rgb(
    test_set, of_halves, by_eigenvalues
):
    images, _ = test_set
    a, b = images[:400], images[400:800].flip(-2)
    metric = of_halves()
    expected = by_eigenvalues(*(x.double().unflatten(2, (2, 14)).mean((1, 3, 4)) for x in (a, b)))
    for _ in range(2):  # the second time too: nothing of the first is left in it
        assert inception_distance(a, b, metric) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    "reason", [ModuleNotFoundError("Torch-fidelity"), URLError("no route to host")], ids=repr
)
def test_a_missing_inception_is_said_in_a_sentence(monkeypatch, reason):
    def unavailable():
        raise reason

    monkeypatch.setattr(fid, "FrechetInceptionDistance", unavailable)
    with pytest.raises(OSError, match=r"needs the package torch-fidelity .*downloads from GitHub"):
        inception_metric()


def test_frechet_distance_orders_damage(classifier, test_set):
    images, _ = test_set
    clean, other = images[:250], images[250:500]
    noise = torch.randint(0, 256, clean.shape)
    slight = (clean.float() * 0.9 + noise.float() * 0.1).to(torch.uint8)
    figures = [frechet_distance(x, other, classifier) for x in (clean, slight, noise.byte())]
    assert figures == sorted(figures) and figures[2] > 10 * figures[0]


def test_precision_and_recall_of_known_manifolds():
    """Half the points lie far off: precision 1/2. One of two modes is missing: recall 1/2."""
    mode_a, mode_b = torch.randn(200, 2), torch.randn(200, 2) + 100
    again, far = torch.randn(200, 2), torch.randn(200, 2) - 300
    precision, _ = precision_recall(torch.cat([again, far]), mode_a)
    _, recall = precision_recall(again, torch.cat([mode_a, mode_b]))
    assert precision == pytest.approx(0.5, abs=0.05)
    assert recall == pytest.approx(0.5, abs=0.05)


def test_fewer_test_pictures_than_are_drawn_give_a_floor_of_that_many(
    classifier, monkeypatch, of_halves
):
    """As for 50,000 beside Fashion-MNIST's 10,000; and figures say of how many it is."""
    monkeypatch.setattr(frechet, "inception_metric", of_halves)
    noise = torch.randint(0, 256, (42, 1, 28, 28), dtype=torch.uint8)
    train, test = noise.split((30, 12))
    data = Dataset(
        "noise", (), (1, 28, 28), judge=CLASSIFIER,
        load=lambda split, _: Pictures(train if split == "train" else test, None, (), "memory"),
    )  # fmt: skip
    figures = measured(lambda labels, _: torch.rand(len(labels), 1, 28, 28), data, 0, 30,
                       inception=True)  # fmt: skip
    assert (figures["n"], figures["floor_n"]) == (30, 12)
    expected = frechet_distance(test, train[:12], classifier)
    assert figures["floor"] == pytest.approx(expected)
    expected = inception_distance(test, train[:12], of_halves())
    assert figures["inception_floor"] == pytest.approx(expected)


def test_bad_input_is_refused(classifier, test_set):
    images, _ = test_set
    with pytest.raises(ValueError, match="uint8"):
        features_and_logits(images.float(), classifier)
    for real, held_out, said in (
        (images, images, "n = 1001, but the source has 1000 training"),
        (images.repeat(2, 1, 1, 1), images[:9], "and 9 test images; figures need n and 10"),
    ):
        with pytest.raises(ValueError, match=said):
            evaluate(images[[*range(1000), 0]], None, real, held_out, classifier)
    with pytest.raises(FileNotFoundError, match="no such classifier"):
        load_classifier("nowhere.safetensors")
