"""What the server gives out for visitors' browsers to draw with."""

import gzip
import shutil

from ddpm.files import SHIPPED
from devtools import onnxruntime_web
from devtools.tiny_models import save_student
from page.in_browser import files

FILE = SHIPPED / "fashion_mnist_few.onnx"


def test_a_model_is_offered_if_it_was_exported_from_these_weights(tmp_path):
    assert files.exported(FILE.with_suffix(".safetensors")) == FILE
    for name in ("alone", "beside one of others"):
        other = save_student(tmp_path / name / "fashion_mnist_few.safetensors")
        if name != "alone":
            shutil.copy(FILE, other.parent)
        assert files.exported(other) is None, name
    assert files.served(None) == files.scripts()  # points in the plane need no model


def test_a_path_changes_with_the_content(tmp_path):
    def paths() -> set[str]:
        return {*files.model.__wrapped__(tmp_path / "a.onnx")}

    (tmp_path / "a.onnx").write_bytes(b"a")
    before = paths()
    (tmp_path / "a.onnx").write_bytes(b"b")
    assert not before & paths()


def test_every_address_is_served_and_every_module_is_found():
    served = files.served(FILE)
    assert {f"/{path}" for path in files.addresses(FILE).values()} <= served.keys()
    scripts = {path for path in served.values() if path.suffix == ".js"}
    for script in scripts:
        for line in script.read_text("utf-8").splitlines():
            if line.startswith("import ") or line.startswith("} from "):
                assert (script.parent / line.split('"')[1]).resolve() in scripts, (script, line)


def test_the_runtime_is_the_one_that_was_looked_at():
    onnxruntime_web.check(onnxruntime_web.read())
    licence = onnxruntime_web.FOLDER / "LICENSE"
    assert "MIT License" in licence.read_text("utf-8")
    assert gzip.decompress((onnxruntime_web.FOLDER / "ThirdPartyNotices.txt.gz").read_bytes())
