"""Hostile files and values: each is answered with a message, and memory is freed again."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import gradio as gr
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import ddpm
from devtools import malformed
from page.models.registry import Request
from page.server.files import picture_worker
from page.server.files.picture_checks import MAX_PIXELS, Unacceptable
from page.server.files.uploads import open_upload
from page.server.machine import memory
from page.tabs.noise import forward
from page.texts import TEXTS, both
from page.widgets.sketch_pad import pad

pytestmark = pytest.mark.filterwarnings("ignore")  # Pillow's, about damaged files
SENTENCES = {both(key): key for key in TEXTS if key.startswith("upload_")}
PROMISED = {"L", "RGB", "RGBA", "F", "I", "I;16", "I;16B"}
MEMORY = 100e6  # allowance for what the allocator keeps
MALFORMED = dict(malformed.malformed())
VALID = malformed.valid()
few = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def answer(path: Path, data: bytes) -> str:
    """ "picture", or the text key of the error. Anything else fails the test."""
    path.write_bytes(data)
    try:
        image = open_upload(path)
    except gr.Error as error:
        return SENTENCES[error.message]
    is_promised(image)
    return "picture"


def is_promised(image: Image.Image) -> None:
    assert image.mode in PROMISED and image.width * image.height <= picture_worker.SIDE**2
    assert ddpm.from_pil(image, 28, 3).isfinite().all()


@pytest.fixture
def memory_is_freed():
    gc.collect()
    before = psutil.Process().memory_info().rss
    yield
    gc.collect()
    assert psutil.Process().memory_info().rss - before < MEMORY


@pytest.mark.slow
def test_truncated_pictures(tmp_path, memory_is_freed):
    """At every byte, in this process."""
    for name, whole in VALID.items():
        path = tmp_path / name
        assert answer(path, whole) == "picture"
        for data in malformed.cuts(whole):
            path.write_bytes(data)
            try:
                picture = picture_worker.read(str(path))
            except Unacceptable as error:
                assert f"upload_{error.why}" in SENTENCES.values(), name
            else:
                is_promised(Image.frombytes(*picture))


def test_the_malformed_corpus(tmp_path, memory_is_freed):
    answers = {name: answer(tmp_path / name, data) for name, data in MALFORMED.items()}
    for name, kind in answers.items():
        if name.startswith(("other.", "refused.")) or name.split(".")[0] in ("html", "zip"):
            assert kind in ("upload_unknown", "upload_svg", "upload_empty", "upload_heic"), name
        if name.split(".")[0] in ("3000", "20000", "65535", "16383"):
            assert kind in ("upload_large", "upload_unknown"), name
    assert answers["thousands.gif"] == "picture"  # its first frame
    assert set(answers.values()) == set(SENTENCES.values()) - NO_FILE - TOO_MUCH | {"picture"}


NO_FILE = {"upload_none", "upload_foreign", "upload_url"}
TOO_MUCH = {"upload_slow", "upload_memory", "upload_metadata", "upload_busy"}  # growing files


def test_a_bomb_is_not_decompressed(tmp_path):
    """50 MB of zeros in 50 kB, as text, profile or rows: memory stays below that."""
    import tracemalloc

    for name in ("text_bomb", "many_texts", "itxt_bomb", "profile_bomb", "rows_bomb"):
        path = tmp_path / f"{name}.png"
        path.write_bytes(MALFORMED[path.name])
        tracemalloc.start()
        with suppress(Unacceptable):
            picture_worker.read(str(path))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20e6, name


@pytest.mark.slow
def test_the_largest_picture_from_many_visitors_at_once(tmp_path):
    """20 kB each, with 8 megapixels of 16-bit grey: two are decoded at a time, elsewhere."""
    path = tmp_path / "deep.png"
    Image.new("I;16", (4000, MAX_PIXELS // 4000), 9).save(path)
    assert path.stat().st_size < 50_000
    memory.configure()  # as the server does
    gc.collect()
    before = most = psutil.Process().memory_info().rss
    with ThreadPoolExecutor(20) as visitors:
        asked = [visitors.submit(forward.picture, path, seed) for seed in range(20)]
        while not all(each.done() for each in asked):
            most = max(most, psutil.Process().memory_info().rss)
            time.sleep(0.005)
    assert {each.result()["size"] for each in asked} == {forward.MAX_SIZE}
    assert most - before < 300e6  # a process that has run all other tests has more to spread over


@few
@given(
    data=st.binary(max_size=400), start=st.sampled_from([b"", *(v[:16] for v in VALID.values())])
)
def test_arbitrary_bytes(tmp_path, data, start):
    answer(tmp_path / "any.png", start + data)


@few
@given(
    name=st.sampled_from(sorted(VALID)),
    other=st.sampled_from(sorted(VALID)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    cut=st.floats(0, 1),
    splice=st.booleans(),
)
def test_mutations_of_valid_pictures(tmp_path, name, other, flips, cut, splice):
    data = bytearray(VALID[name])
    for place, value in flips:
        data[int(place * len(data))] = value
    if splice:
        data[int(cut * len(data)) :] = VALID[other][int(cut * len(VALID[other])) :]
    answer(tmp_path / name, bytes(data))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)  # fmt: skip


def succeeds_or_is_refused(act, *arguments) -> None:
    """The call succeeds, or raises gr.Error in both languages."""
    try:
        act(*arguments)
    except gr.Error as error:
        english, chinese = error.message.split("<br>")
        assert english.isprintable() and any(letter >= "一" for letter in chinese)
        assert "<" not in english + chinese


@few
@given(anything)
def test_any_value_of_the_sketch_pad(value):
    succeeds_or_is_refused(pad.read, value)


@few
@given(anything)
def test_any_value_in_place_of_an_upload(value):
    with pytest.raises(gr.Error) as error:
        open_upload(value)
    assert error.value.message in SENTENCES


REQUEST = dict(
    label=1, count=2, sampler="ddim", steps=3, schedule="cosine", guidance=1.0, seed=0, noise=5,
    guided_by="classifier",
)  # fmt: skip


@few
@given(st.dictionaries(st.sampled_from(sorted(REQUEST)), anything, min_size=1))
def test_any_value_of_a_request(changes):
    succeeds_or_is_refused(lambda: Request(**REQUEST | changes))
