"""Pictures in a zip: the same as chosen one by one; bombs and forged sizes are refused."""

import zipfile

import gradio as gr
import pytest
import torch

from devtools.visit import in_both_languages
from page.tabs.train import zipped


@pytest.fixture
def refusal(read):
    """`refusal(path)`: what is said of this file."""

    def said(path) -> str:
        with pytest.raises(gr.Error) as refused:
            read([path])
        assert in_both_languages(refused.value.message)
        return refused.value.message

    return said


def test_a_zip_is_as_good_as_its_pictures(photos, read, warned, tmp_path):
    """What systems add to it is passed over, and a file that is no picture is named."""
    files = photos(12)
    with zipfile.ZipFile(path := tmp_path / "mine.ZIP", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("mine")
        for file in files[:11]:
            archive.write(file, f"mine/{file.name}")
        archive.writestr("__MACOSX/mine/._0.png", b"x")
        archive.writestr("mine/.DS_Store", b"x")
        archive.writestr("mine/<b>notes.txt", "no picture")
    pictures, taken = read([path, files[11]])
    assert taken["count"] == 12 and torch.equal(pictures, read(files)[0])
    assert "&lt;b&gt;notes.txt" in warned[0] and "(1)" in warned[0]


def test_bombs_and_forgeries_are_refused(refusal, tmp_path, monkeypatch):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(5001):
            archive.writestr(f"{k}.png", b"")
    assert "5000" in refusal(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.png", bytes(201_000_000))
    assert "200 MB" in refusal(path)
    many = b"PK\1\2" + bytes(42)
    size = (100_000 * len(many)).to_bytes(4, "little")
    monkeypatch.setattr(zipfile, "ZipFile", None)  # never reached: it would list them all
    for place in (bytes(4), b"PK\5\6"):  # of the directory: it may look like another record
        path.write_bytes(many * 100_000 + b"PK\5\6" + bytes(8) + size + place + bytes(2))
        assert "5000" in refusal(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_kinds_that_unpack_without_end_are_refused(refusal, tmp_path, kind):
    """zipfile stops in time only while it inflates."""
    with zipfile.ZipFile(path := tmp_path / "mine.zip", "w", kind) as archive:
        for k in range(12):
            archive.writestr(f"{k}.png", bytes(1000))
    assert "damaged" in refusal(path)


def test_more_zips_than_anyone_has_are_not_read(read, tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "names", None)
    paths = [tmp_path / f"{k}.zip" for k in range(21)]
    with pytest.raises(gr.Error, match="at most 5000"):
        read(paths)


def test_a_zip_named_twice_is_not_read(read, tmp_path, monkeypatch):
    """Each mention would cost as much as the first."""
    monkeypatch.setattr(zipped, "names", None)
    with zipfile.ZipFile(path := tmp_path / "mine.zip", "w") as archive:
        archive.writestr("a.png", b"")
    with pytest.raises(gr.Error, match="listed more than once"):
        read([path, path])


def test_a_file_without_a_name_is_one_file(tmp_path):
    with zipfile.ZipFile(path := tmp_path / "mine.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"no picture")
    assert zipped.names(path) == [""]


def test_a_head_that_lies_about_sizes_is_not_believed(refusal, tmp_path, monkeypatch):
    """Ten files that unpack to more than all may have."""
    monkeypatch.setattr(zipped, "MAX_BYTES", 50_000)
    with zipfile.ZipFile(path := tmp_path / "lies.zip", "w", zipfile.ZIP_STORED) as archive:
        for k in range(10):
            archive.writestr(f"{k}.png", bytes(6_000))
    monkeypatch.setattr(zipped, "names", lambda path: [f"{k}.png" for k in range(10)])
    assert "unpacked" in refusal(path)


def test_a_damaged_zip_is_named(refusal, tmp_path):
    (path := tmp_path / "cut.zip").write_bytes(b"PK\3\4" + bytes(100))
    assert "damaged" in refusal(path)
