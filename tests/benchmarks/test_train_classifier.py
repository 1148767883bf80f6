"""A classifier of one's own pictures, which `ddpm evaluate` and `ddpm train` can then judge by."""

import numpy as np
import pytest
from PIL import Image

from ddpm.data.folder import dataset_of
from ddpm.evaluation.frechet import features_and_logits
from ddpm.evaluation.quality import judge_of


def test_a_folder_of_colours_is_learned(run, tmp_path, capsys):
    """The half that it never saw as well; the file is one that a model can be measured by."""
    rng = np.random.default_rng(0)
    for name, colour in (("red", (200, 40, 40)), ("blue", (40, 40, 200))):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for k in range(20):
            noise = rng.integers(-30, 30, (16, 16, 3))
            picture = Image.fromarray((np.array(colour) + noise).astype(np.uint8))
            picture.save(tmp_path / "pictures" / name / f"{k}.png")
    folder, out = str(tmp_path / "pictures"), tmp_path / "judge.safetensors"
    asked = ["--data", folder, "--image-size", 16, "--channels", 3]
    assert run("train_classifier", *asked, "--epochs", 12, "--out", out) is None
    data = dataset_of(folder, (3, 16, 16))
    test = data.load("test")
    _, logits = features_and_logits(test.images, judge_of(data, out))
    assert (logits.argmax(1) == test.labels).all()
    with pytest.raises(ValueError, match="of 3 channels, and those of"):
        judge_of(dataset_of(folder, (1, 16, 16)), out)
    for wrong, said in (
        (asked, "name a file"),
        (["--data", f"{folder}/red", "--out", out], "has no classes"),
    ):
        assert run("train_classifier", *wrong) == 2 and said in capsys.readouterr().err
