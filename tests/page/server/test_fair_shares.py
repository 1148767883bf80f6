"""Greedy clients beside a visitor at 127.0.0.1: a server whose limits are small."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

import ddpm
from devtools import ROOT
from devtools.hostile_client import META, TRAINING, Page, messages
from devtools.server import running_app
from page.texts import both

pytestmark = [pytest.mark.slow, pytest.mark.app]
PICTURE = (ROOT / "docs" / "samples.png").read_bytes()
SESSIONS, NEW = 160, 40  # remembered; new ones from an address in a minute
ROOM = {
    "DDPM_SESSIONS": str(SESSIONS),
    "DDPM_SESSIONS_A_MINUTE": str(NEW),
    "DDPM_UNHEARD_S": "8",  # in which nine requests are through, beside other work too
    "DDPM_BYTES_AT_ADDRESS": "1000000",
    "DDPM_POSTS_AT_ONCE": "100000",  # or the gate would refuse most of what is tried here
}
PATIENCE_S = 120.0


FOES = count(2)  # each has an address of its own, with nothing counted against it yet


@pytest.fixture(scope="module")
def app(tiny_checkout):
    with running_app(tiny_checkout, **ROOM) as app:
        yield app


@pytest.fixture
def visitor(app):
    return Page(app.url).seen_from("127.0.0.1")


@pytest.fixture
def address():
    return f"127.0.0.{next(FOES)}"


@pytest.fixture
def foe(app, address):
    return Page(app.url).seen_from(address)


def last(page, session):
    """The message that ends the event of this session."""
    ends = ("process_completed", "unexpected_error")
    with page.client.stream("GET", "/queue/data", params={"session_hash": session}) as answer:
        return next(message for message in messages(answer) if message["msg"] in ends)


def run(page, name, changes, session):
    page.join(name, changes, session).raise_for_status()
    return last(page, session)


def test_runs_that_nobody_listens_to_take_no_place(app, visitor, foe):
    slow = {"generate-count": 64, "generate-steps": 1000}
    with ThreadPoolExecutor(9) as threads:  # at once, before some of the eight are dropped
        nine = list(threads.map(lambda _: foe.join("sample", slow, "foe"), range(9)))
    assert sorted(answer.status_code for answer in nine) == [200] * 8 + [429]
    (refused,) = [answer for answer in nine if answer.status_code == 429]
    assert refused.json()["detail"] == both("events_many")
    for k in range(32):
        assert foe.join("show_run", {"train-steps": 20_000}, f"foe-{k}").status_code == 200
    assert run(visitor, "sample", {"generate-steps": 2}, "visitor")["success"]
    assert run(visitor, "show_run", TRAINING["show_run"], "visitor")["success"]
    while any(any(app.health()[line].values()) for line in ("sampling", "training")):
        time.sleep(0.1)
    late = last(foe, "foe-7")
    assert not late["success"] and late["output"]["error"] == both("event_unheard")


@pytest.mark.parametrize(
    ("name", "slow"),  # until it ends, the stream is open
    [
        ("sample", {"generate-count": 64, "generate-steps": 1000}),
        ("generate", {"count": 64, "steps": 1000}),
    ],
)
def test_what_nobody_reads_is_not_heaped_up(visitor, foe, address, name, slow):
    """A stream that is held open, and read only later."""
    tables = {"noise-T": 1000, "noise-schedules": [*ddpm.SCHEDULES]}
    idle = f"idle-{name}"  # what another case left unread isn't this one's

    def is_refused():
        answer = foe.join("new_tables", tables, idle)
        return answer.status_code == 429 and answer.json()["detail"] == both("answers_unread")

    assert foe.join(name, slow, idle).status_code == 200
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.bind((address, 0))
        line.connect((foe.client.base_url.host, foe.client.base_url.port))
        asked = f"GET /gradio_api/queue/data?session_hash={idle} HTTP/1.1"
        line.sendall(f"{asked}\r\nHost: localhost\r\n\r\n".encode())
        for _ in range(1_000):
            if is_refused():
                break
        else:
            pytest.fail("a thousand answers wait to be read")
        assert run(visitor, "new_tables", tables, "reader")["success"]
        line.settimeout(PATIENCE_S)
        while is_refused():
            assert line.recv(1_000_000)


def test_new_sessions_take_nobodys_model_and_end_nobodys_training(app, visitor, foe):
    """From one address, which gets a quarter of all places, and from many, which fill them."""
    assert run(visitor, "show_run", TRAINING["show_run"], "trained")["success"]
    known = app.health()["visitors"]
    # a listener that the queue alone may start: 404
    past = (foe.at_once("new_tables", [], f"new-{k}") for k in range(SESSIONS + 40))
    assert {answer.status_code for answer in past} == {404}
    assert app.health()["visitors"] == known
    long = TRAINING["show_run"] | {"train-steps": 20_000}
    with ThreadPoolExecutor(1) as threads:
        training = threads.submit(run, visitor, "show_run", long, "training")
        while not app.health()["training"]["at_work"]:
            time.sleep(0.1)
        # the places of a minute come back one after another: as many as it takes on a busy machine
        joined = (foe.join("new_tables", session=f"foe-{k}") for k in range(10 * NEW))
        refused = next(answer for answer in joined if answer.status_code != 200)
        assert refused.status_code == 429
        assert refused.json()["detail"] == both("sessions_many")
        counts = app.health()["visitors"]
        assert counts["sessions"] <= known["sessions"] + 1 + SESSIONS // 4
        assert counts["addresses"] == known["addresses"] + 1
        for address in range(20, 28):
            other = foe.seen_from(f"127.0.0.{address}")
            for k in range(SESSIONS // 7):
                session = f"others-{address}-{k}"
                assert other.join("new_tables", session=session).status_code == 200
        assert app.health()["visitors"]["sessions"] == SESSIONS
        assert app.health()["training"]["at_work"] == 1
        visitor.at_once("ask_to_stop", [], "training")
        assert training.result()["success"]
    for session in ("trained", "training"):
        own = {"generate-model": "trained", "generate-steps": 2}
        assert run(visitor, "sample", own, session)["success"]


def test_a_file_named_many_times_is_not_read(app, foe):
    path = foe.client.post("/upload", files={"files": ("a.png", PICTURE)}).json()[0]
    before = app.health()["visitors"]["sessions"]
    files = {"files": [{"path": path, **META}] * 5000}
    answers = [foe.join("train_pictures", files, f"foe-{k}") for k in range(5)]
    assert {answer.status_code for answer in answers} == {400}
    assert answers[0].json()["detail"] == both("files_repeated")
    assert app.health()["visitors"]["sessions"] <= before


def test_stop_and_settings_answer_while_pictures_wait(visitor, foe):
    path = foe.client.post("/upload", files={"files": ("a.png", PICTURE)}).json()[0]
    for k in range(105):
        foe.join("from_noise_tab", {"noise-image": {"path": path, **META}}, f"foe-{k % 20}")
    bypass = foe.at_once("from_noise_tab", [None, None, "cosine"], "foe-1")
    assert bypass.status_code == 404
    for name, data in [("ask_to_stop", []), ("fields_of_preset", ["minute"])]:
        assert visitor.at_once(name, data, "visitor").status_code == 200


def test_uploads_have_a_quota_for_each_address(app, visitor, foe):
    def upload(page, k, size=300_000):
        return page.client.post("/upload", files={"files": (f"{k}.png", bytes([k]) * size)})

    answers = [upload(foe, k) for k in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 7
    assert answers[-1].text == both("uploads_full")
    large = upload(foe, 0, 1_100_000)
    assert large.status_code == 413 and large.text == both("uploads_large")
    assert upload(visitor, 10).status_code == 200
    sent = [path for path in app.files.rglob("*.png") if path.stat().st_size == 300_000]
    assert len(sent) == 4
