"""What one address can take of descriptors, disk, memory, sessions and of the event loop's time.
Each in less than half a minute of traffic, and few requests; what is uploaded comes to 800 MB.

`LEDGER` has them by name, for `devtools.attacks.ATTACKS`.
"""

import os
import secrets

import httpx

from devtools.attacks.attacker import Attacker, get
from devtools.hostile_client import TRAINING, Page
from devtools.malformed import PHOTO, saved

SLOW_UPLOADS, FILES = 13, 1_000
BOUNDARY = "hoard"
LARGE = os.urandom(19_900_000)
ROUND = 32  # runs; then the next round, in case the first was dropped


def _form(count: int) -> bytes:
    part = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{{0}}.png"\r\n'
        "\r\n{0}\r\n"
    )
    return "".join(part.format(k) for k in range(count)).encode()


def _head(length: str) -> bytes:
    return (
        "POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{length}\r\n\r\n"
    ).encode()


def slow_uploads(attacker: Attacker) -> None:
    """A thousand files each, begun and not ended: at a limit of 1,024 descriptors nobody else gets
    an answer."""
    body = _form(FILES)
    lines = [attacker.connect(8 * k) for k in range(SLOW_UPLOADS)]  # one address
    for line in lines:
        line.settimeout(2)
        try:
            line.sendall(_head(f"Content-Length: {len(body) + 1_000}") + body)
        except OSError:  # the server reads a few at a time
            attacker.count(("not read", ""))
    attacker.hold(lines)


def chunked_uploads(attacker: Attacker) -> None:
    """Without a length, so that no room is reserved: 19 MB each."""

    def one(k: int, page: Page) -> httpx.Response:
        def pieces():
            yield _form(1).removesuffix(b"0\r\n")
            for _ in range(19):
                yield b"x" * 1_000_000
            yield f"\r\n--{BOUNDARY}--\r\n".encode()

        kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        return page.client.post("/upload", content=pieces(), headers=kind)

    attacker.crowd(one, 9, at_once=3, addresses=1)


def cut_off_uploads(attacker: Attacker) -> None:
    """9 MB of 19 each, then the line is dropped."""
    for _ in range(20):
        if not attacker.left_s:
            return
        line = attacker.connect(0)
        line.sendall(_head("Content-Length: 19000000") + _form(1) + b"x" * 9_000_000)
        line.close()
        attacker.count(("dropped", ""))


def other_fields(attacker: Attacker) -> None:
    """Gradio stores files of any field, and looks at those called `files`."""
    _send(attacker, "other", b"x" * 9_000_000, 20)


def _send(attacker: Attacker, field: str, data: bytes, times: int) -> None:
    """So many uploads of this, from one address."""
    attacker.crowd(
        lambda k, page: page.client.post("/upload", files={field: (f"{k}.bin", data)}),
        times,
        at_once=2,
        addresses=1,
    )


def configurations(attacker: Attacker) -> None:
    attacker.crowd(
        lambda k, page: page.client.get(page.client.base_url.join("/config")), 2_000, at_once=4
    )


def lists(attacker: Attacker) -> None:
    """80 kB of lists, which Gradio looks through for files again and again."""
    data = [[[]] * 5_000] * 4
    attacker.crowd(
        lambda k, page: page.at_once("ask_to_stop", data, f"list{k}"), 1_000, addresses=1
    )


def bad_posts(attacker: Attacker) -> None:
    """Each cost eleven tokens of its whole school's."""
    attacker.crowd(lambda k, page: page.client.post("/cancel", content=b"{"), 600, addresses=1)


def codes(attacker: Attacker) -> None:
    """QR codes for the tour, which bypass the queue."""

    def one(k: int, page: Page) -> httpx.Response:
        data = ["http://192.168.1.2:7860", k % 90 + 1, None]
        return page.at_once("code_of_step", data, f"code{k}")

    attacker.crowd(one, 1_000, at_once=16)


def short_trainings(attacker: Attacker) -> None:
    """48 of ten steps, each with a session of its own: the results of everybody else had to go."""
    event = attacker.pages[0].events["show_run"]
    data = event.data(TRAINING["show_run"] | {"train-dim": 64})
    attacker.crowd(lambda k, page: page.ask(event.number, data), 48, at_once=4, addresses=1)


def own_pictures(attacker: Attacker) -> None:
    """A session each, which kept what it read, up to 12 MB, in memory for an hour. The same 1,000
    pictures here, sent once."""
    page = attacker.pages[0]
    picture = saved(PHOTO.convert("RGB").resize((28, 28)), "PNG")
    form = [("files", (f"{k}.png", picture)) for k in range(1_000)]
    paths = page.client.post("/upload", files=form).json()
    files = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    event = page.events["train_pictures"]
    data = event.data({"files": files})
    attacker.crowd(lambda k, page: page.ask(event.number, data), 40, at_once=2, addresses=1)


def heartbeats(attacker: Attacker) -> None:
    """Sessions that nothing but an open page keeps, from four addresses, as many as they may."""
    lines = []
    for k in range(1_200):
        if attacker.left_s < 2:
            break
        session, source = secrets.token_hex(5), k % 4
        attacker.count(attacker.pages[source].at_once("ask_to_stop", [], session))
        line = attacker.connect(source)
        line.sendall(get(f"/gradio_api/heartbeat/{session}"))
        lines.append(line)
    answer = attacker.pages[7].at_once("ask_to_stop", [])
    if answer.status_code != 200:
        attacker.harm(f"a newcomer is refused: {answer.text[:80]}")
    attacker.hold(lines)


def recordings(attacker: Attacker) -> None:
    """Gradio keeps a screen recording outside its folder of uploads, for good."""
    video = {"video": ("a.mp4", LARGE[:5_000_000], "video/mp4")}
    attacker.crowd(
        lambda k, page: page.client.post("/process_recording", files=video), 20, at_once=2
    )


def large_uploads(attacker: Attacker) -> None:
    _send(attacker, "files", LARGE, 40)


def small_uploads(attacker: Attacker) -> None:
    """Each becomes a file in a folder of its own."""

    def one(k: int, page):
        files = [("files", (f"{k}-{j}.txt", f"{k}-{j}".encode())) for j in range(50)]
        return page.client.post("/upload", files=files)

    attacker.crowd(one, 100, at_once=4, addresses=1)


def new_sessions(attacker: Attacker) -> None:
    """Gradio creates a session before it finds that the event belongs into the queue (404)."""
    attacker.crowd(lambda k, page: page.at_once("new_tables", []), 2_005)


def joins(attacker: Attacker) -> None:
    attacker.crowd(lambda k, page: page.join("new_tables"), 2_050)


def repeated_file(attacker: Attacker) -> None:
    file = attacker.pages[0].upload("picture.png", saved(PHOTO.resize((2_000, 2_000)), "PNG"))
    names = {"files": [file] * 5_000}
    attacker.crowd(lambda k, page: page.join("train_pictures", names, f"reader{k}"), 62)


def unheard_samplings(attacker: Attacker) -> None:
    """The most pictures, the slowest sampler and the most steps, from one session."""
    most = {"count": 16, "sampler": "ddpm", "steps": 1_000}
    while attacker.left_s:
        attacker.crowd(lambda k, page: page.join("generate", most, "one-session"), ROUND)


def unheard_trainings(attacker: Attacker) -> None:
    while attacker.left_s:
        attacker.crowd(lambda k, page: page.join("train", {"steps": 20_000}), ROUND)


LEDGER = {
    "13 slow uploads of 1,000 files": slow_uploads,
    "uploads without a length": chunked_uploads,
    "uploads cut off": cut_off_uploads,
    "uploads of another field": other_fields,
    "2,000 × /config": configurations,
    "1,000 posts of 80 kB of lists": lists,
    "600 bad posts of one device": bad_posts,
    "1,000 QR codes": codes,
    "48 trainings of ten steps": short_trainings,
    "40 sessions with own pictures": own_pictures,
    "sessions held by heartbeats": heartbeats,
}
