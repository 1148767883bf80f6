"""The attacks are what they claim to be, and the gauges beside them read what is there."""

import asyncio
import io
import json

import pytest
from PIL import Image, TiffImagePlugin

from devtools.attacks import pictures
from devtools.attacks.afterwards import wrong_lines
from devtools.attacks.attacker import Attacker
from devtools.gauges import Disk, disk_of
from devtools.honest_day import Day


@pytest.mark.parametrize("url", ["http://192.0.2.1:7860", "https://example.com", "http://0.0.0.0"])
def test_only_loopback_is_attacked(url):
    with pytest.raises(ValueError, match="loopback"):
        Attacker(url, 1.0)


def test_tags_share_their_bytes():
    data = pictures.shared_tags(count=50, size=10_000)
    assert len(data) < 12_000
    tags = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
    file = io.BytesIO(data)
    file.seek(8)
    tags.load(file)
    assert sum(len(tags[40_000 + k]) for k in range(50)) == 500_000


def test_scans_and_comments_are_read():
    few, many = (pictures.many_scans(count) for count in (1, 201))
    assert (len(many) - len(few)) / 200 < 40  # bytes that each scan costs its sender
    with Image.open(io.BytesIO(many)) as image:
        image.load()
        assert image.size == (4_000, 2_000)
    with Image.open(io.BytesIO(pictures.long_comment(blocks=100))) as image:
        assert len(image.info["comment"]) == 25_500


def test_disk_counts_files_and_empty_folders(tmp_path):
    (tmp_path / "a" / "empty").mkdir(parents=True)
    (tmp_path / "a" / "b.txt").write_bytes(b"12345")
    (tmp_path / "c.txt").write_bytes(b"12")
    assert disk_of(tmp_path) == disk_of(tmp_path, tmp_path / "a") == Disk(7, 2, 1)


def test_lines_that_are_not_json_or_forged_are_found(tmp_path):
    log = tmp_path / "log.txt"
    log.write_text('{"event": "started"}\n{"event": "asked", "path": "/\\n{}"}\n')
    assert wrong_lines(log) == []
    log.write_text(f"* Running\n5\n{json.dumps({'event': 'forged'})}\n")
    assert wrong_lines(log) == ["2 lines of the log aren't JSON", "1 forged lines in the log"]


def test_what_a_day_lost():
    day = Day()

    async def refused() -> None:
        raise RuntimeError("busy")

    asyncio.run(day.try_to("sampling", refused()))
    assert dict(day.lost) == {"sampling: RuntimeError busy": 1}
    assert day.p("stop", 95) == float("inf")
    day.waits["stop"] = [1.0] * 99 + [5.0]
    assert day.p("stop", 50) == 1.0 and day.p("stop", 100 - 1) > 1.0
