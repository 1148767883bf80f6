"""Pictures are opened in processes that may die for it; others take turns meanwhile."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from PIL import Image

from devtools import ROOT
from devtools.growing_files import growing
from page.server.files import picture_pool
from page.server.files.picture_checks import Unacceptable

ATTACKER, HONEST = "127.0.0.2", "127.0.0.1"


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """4000 × 3000, as a telephone takes them: lying on its side, white on the left."""
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    pixels[:, :2000] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path_factory.mktemp("photo") / "IMG_0001.JPG"
    Image.fromarray(pixels).save(path, "JPEG", exif=exif)
    return path


@pytest.fixture(scope="module", autouse=True)
def workers(own_forkserver):
    """Those of the fork server, which has no other children."""
    picture_pool.stop()
    yield lambda: psutil.Process(own_forkserver._forkserver_pid).children()
    picture_pool.stop()


def test_a_telephones_photo_is_right_side_up_and_reduced(photo):
    picture = picture_pool.open_picture(photo, HONEST)
    assert picture.size == (750, 1000)
    pixels = np.array(picture)
    assert pixels[:480].min() > 250 and pixels[520:].max() < 5  # the left is now above


def test_a_progressive_photo_is_read(photo, tmp_path):
    Image.open(photo).save(path := tmp_path / "progressive.jpg", progressive=True)
    assert picture_pool.open_picture(path, HONEST).size == (1000, 750)


def test_a_large_square_is_the_mean_of_its_pixels(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (2000, 2600), dtype=np.uint8)
    Image.fromarray(pixels).save(path := tmp_path / "large.png", compress_level=1)
    middle = pixels[:, 300:2300].reshape(1000, 2, 1000, 2).mean((1, 3))
    read = np.array(picture_pool.open_picture(path, HONEST))
    assert np.abs(read - middle).max() <= 0.5


@pytest.mark.parametrize(("dtype", "mode"), [(np.uint16, "I"), (np.float32, "F")])
def test_a_large_deep_grey_keeps_its_depth(tmp_path, dtype, mode):
    Image.fromarray(np.full((1500, 1500), 40_001, dtype)).save(path := tmp_path / "deep.tiff")
    picture = picture_pool.open_picture(path, HONEST)
    assert picture.mode == mode and picture.size == (750, 750)
    assert picture.getextrema() == (40_001, 40_001)


@pytest.fixture(scope="module")
def largest(tmp_path_factory):
    """64 bits for each of 8 million pixels: a third of a second of work."""
    path = tmp_path_factory.mktemp("largest") / "largest.png"
    path.write_bytes(dict(growing())["largest.png"]())
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="no timers that kill")
def test_a_slow_picture_is_given_up_and_the_next_is_opened(largest, photo):
    assert picture_pool._try(largest, 0.02, 60.0) == "slow"  # seconds of work
    assert picture_pool._try(largest, 60.0, 0.02) == "slow"  # seconds of any kind
    assert picture_pool.open_picture(photo, HONEST).size == (750, 1000)


@pytest.mark.skipif(sys.platform != "linux", reason="no limit of memory")
def test_memory_is_bounded(photo, tmp_path, monkeypatch):
    """10 megabytes are too few for 8 megapixels, but enough for the next picture."""
    picture_pool.stop()
    limits = picture_pool.LIMITS
    with monkeypatch.context() as patch:
        patch.setattr(picture_pool, "LIMITS", type(limits)(picture_bytes=10_000_000))
        Image.new("RGB", (4000, 2000)).save(large := tmp_path / "large.png")
        with pytest.raises(Unacceptable, match="memory"):
            picture_pool.open_picture(large, HONEST)
        Image.new("RGB", (40, 20)).save(small := tmp_path / "small.png")
        assert picture_pool.open_picture(small, HONEST).size == (40, 20)
        picture_pool.stop()
    assert picture_pool.open_picture(large, HONEST).size == (1000, 1000)


@pytest.mark.skipif(sys.platform == "win32", reason="workers are started otherwise")
def test_dead_workers_are_replaced(photo, workers):
    picture_pool.open_picture(photo, HONEST)
    before = workers()
    assert 1 <= len(before) <= picture_pool.WORKERS
    for worker in before:
        worker.kill()
    assert picture_pool.open_picture(photo, HONEST).size == (750, 1000)
    assert not {worker.pid for worker in before} & {worker.pid for worker in workers()}


def test_a_worker_imports_neither_torch_nor_gradio():
    """Nor do the program's two entry points, which it imports as well."""
    program = (
        "import sys, app, page.__main__, page.server.files.picture_worker\n"
        "print(sorted({'torch', 'gradio', 'numpy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# ------------------------------------------------------------------ who is next


class Waiting:
    """Pictures that wait for a place in this order, until `leave` is released for each."""

    def __init__(self, line, *senders):
        self.begun, self.count = [], len(senders)
        self.leave, self.threads = threading.Semaphore(0), ThreadPoolExecutor(self.count)
        for sender in senders:
            before = len(line._waiting)
            self.threads.submit(self._wait, line, sender)
            while len(line._waiting) == before and not self.begun:
                time.sleep(0.005)

    def _wait(self, line, sender):
        with line.place(sender):
            self.begun.append(sender)
            self.leave.acquire()

    def end(self):
        self.leave.release(self.count)
        self.threads.shutdown()


def test_who_sends_one_does_not_wait_behind_who_sends_many():
    line = picture_pool.Line(places=1)
    with line.place(ATTACKER):
        waiting = Waiting(line, ATTACKER, ATTACKER, HONEST, HONEST)
    while not waiting.begun:
        time.sleep(0.005)
    assert waiting.begun[0] == HONEST
    waiting.end()
    assert waiting.begun == [HONEST, ATTACKER, HONEST, ATTACKER]


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(picture_pool, "PATIENCE_S", 0.05)
    line = picture_pool.Line(places=1)
    with line.place(ATTACKER):
        with pytest.raises(Unacceptable, match="busy"), line.place(HONEST):
            pass
        assert not line._waiting
    with line.place(HONEST):
        pass
