"""Two servers behind nginx have a class in common, whichever of them a phone is at."""

import random
import secrets
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

pytestmark = [pytest.mark.app, pytest.mark.slow, pytest.mark.timeout(600)]
PHONES = 60
ASKED = {"step": 3, "choices": 4, "several": False, "shown": False}


def test_each_phone_counts_once_and_a_server_may_die(nginx, servers, tmp_path):
    client = partial(httpx.Client, base_url=nginx.url, timeout=120)
    with client(cookies={"server": "1"}) as one, client(cookies={"server": "2"}) as two:
        at = one, two
        secret = secrets.token_hex(16)

        def present(**changes) -> dict:
            body = {"secret": secret, **ASKED, **changes}
            return at[0].post("/class/present", json=body).raise_for_status().json()

        code = present()["code"]
        picks = {secrets.token_hex(16): random.randrange(4) for _ in range(PHONES)}

        def answers(device: str) -> None:
            """At one server, and as if no word of it had come back, at the other."""
            given = {"code": code, "device": device, "step": 3, "picked": [picks[device]]}
            for http in random.sample(at, 2):
                http.post("/class/answer", json=given).raise_for_status()

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(answers, picks))
        last = Counter(picks.values())
        counted = {"counts": [last[k] for k in range(4)], "answers": PHONES}
        assert present().items() >= counted.items()

        # what one server drew hangs in the other's room too
        drawn = Client(servers[1].url, verbose=False, download_files=False, analytics_enabled=False)
        _, png, *_ = drawn.predict(count=1, steps=2, label=8, api_name="/generate")
        present(wall=True)
        hung = {"code": code, "device": next(iter(picks)), "path": png["path"]}
        at[1].post("/class/hang", json=hung).raise_for_status()
        (name,) = present(wall=True)["pictures"]
        picture = at[0].get(f"/class/at/{code}/{name}").raise_for_status().content
        assert picture == Path(png["path"]).read_bytes()

        servers[0].process.send_signal(signal.SIGKILL)
        servers[0].process.wait()
        assert present(shown=True).items() >= counted.items()
        assert at[1].get(f"/class/at/{code}").json().items() >= counted.items()
        at[0].post("/class/end", json={"secret": secret}).raise_for_status()
        assert at[1].get(f"/class/at/{code}").status_code == 410
        assert at[1].get(f"/class/at/{code}/{name}").status_code == 404
        assert list((tmp_path / "results").glob("class-*")) == []
