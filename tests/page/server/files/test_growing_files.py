"""Small files that grow in memory or time: each is answered in words, or its picture is shown."""

import gc

import psutil
import pytest

from devtools.growing_files import growing
from page.server.files import picture_pool
from page.server.files.uploads import open_upload
from page.server.machine import memory
from page.texts import Refusal

FLAT = 60e6  # bytes: the pictures themselves come to a few megabytes, one after the other
FILES = dict(growing())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["tiff", "png", "jpg", "gif", "webp", "bmp"])
def test_each_is_answered(tmp_path, kind):
    """A slow one by the pool's own clock. The server's memory stays as it was."""
    files = [tmp_path / name for name in FILES if name.endswith(kind)]
    for file in files:
        file.write_bytes(data := FILES[file.name]())
        assert len(data) < 1.2e6
    picture_pool.start()
    gc.collect()
    memory.trim()
    before = psutil.Process().memory_info().rss
    most = before
    for file in files:
        try:
            picture = open_upload(file)
            assert 0 < picture.width * picture.height <= 1024**2
        except Refusal as error:
            assert error.key.startswith("upload_")
        most = max(most, psutil.Process().memory_info().rss)
    assert most - before < FLAT
