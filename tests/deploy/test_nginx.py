"""nginx with the shipped configuration, before two small servers that say what they were asked."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

import devtools.nginx
from deploy.nginx import configuration
from devtools.nginx import nginx_before
from page.texts import both

JOIN, UPLOAD = "/gradio_api/queue/join", "/gradio_api/upload"


class Told(BaseHTTPRequestHandler):
    """Answers with its server's name and what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        length = int(self.headers.get("content-length", 0))
        self.rfile.read(length)
        server.asked.append((self.command, self.path))
        if self.path in server.breaks:
            self.close_connection = True  # without an answer
        elif self.path == "/gradio_api/queue/data":
            self.stream()
        else:
            time.sleep(server.slow_s)
            said = {"server": server.name, "length": length}
            said["headers"] = {key.lower(): value for key, value in self.headers.items()}
            self.answer(server.status.get(self.path, 200), json.dumps(said).encode())

    do_POST = do_GET

    def answer(self, status, body):
        self.send_response(status)
        if self.path.startswith("/assets/"):
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        self.wfile.flush()
        self.server.go_on.wait(60)
        self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # all that connect at once, however slow the machine is

    def __init__(self, name, port=0):
        super().__init__(("127.0.0.1", port), Told)
        self.name = name
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked, self.status, self.breaks = [], {}, set()
        self.go_on, self.slow_s = threading.Event(), 0.0
        self.connections = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def get_request(self):
        connection, address = super().get_request()
        self.connections.append(connection)
        return connection, address

    def die(self):
        """Its port refuses connections from now on; those that are open break."""
        self.shutdown()
        self.server_close()
        for connection in self.connections:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def servers():
    both = [Server(1), Server(2)]
    yield both
    for server in both:
        server.go_on.set()
        server.die()


@pytest.fixture
def client(nginx):
    """A visitor who keeps cookies only if a test has them kept."""
    with httpx.Client(base_url=nginx.url, timeout=60) as client:
        yield client


def opened(client):
    """(server that opened the page, the cookie that this visitor has then)"""
    client.cookies = {}
    answer = client.get("/")
    return answer.json()["server"], client.cookies.get("server")


def visitor_of(client, number):
    """Open pages until one is at this server."""
    for _ in range(100):
        if opened(client)[0] == number:
            return
    pytest.fail(f"no page was opened at server {number}")


def test_pages_are_spread_and_each_visitor_stays(client):
    found = {opened(client) for _ in range(40)}
    assert found == {(1, "1"), (2, "2")}
    for number in (1, 2):
        visitor_of(client, number)
        answers = [client.get("/config"), client.post(JOIN, json={}), client.get("/")]
        assert [answer.json()["server"] for answer in answers] == [number] * 3
        assert not [answer for answer in answers if "set-cookie" in answer.headers]


def test_a_program_without_cookies_stays_where_its_address_belongs(nginx):
    found = []
    for k in range(2, 22):
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{k}")
        with httpx.Client(base_url=nginx.url, transport=transport, timeout=60) as program:
            at = set()
            for _ in range(3):
                program.cookies.clear()
                at.add(program.post(JOIN, json={}).json()["server"])
            found.append(*at)
    assert {*found} == {1, 2}


def test_the_visitors_of_a_dead_server_go_on_at_another(client, servers):
    visitor_of(client, 1)
    servers[0].die()
    for _ in range(5):
        assert client.post(JOIN, json={}).json()["server"] == 2
        assert client.get("/").json()["server"] == 2
    assert client.cookies["server"] == "2"
    assert {opened(client) for _ in range(20)} == {(2, "2")}


def test_a_server_that_is_back_is_asked_by_all_at_once(nginx, servers):
    """Two are restarted one after the other: nobody need have asked the first in between."""

    def ask(_):
        answer = httpx.get(f"{nginx.url}/config", cookies={"server": "1"}, timeout=60)
        return answer.status_code, "server" in answer.text and answer.json()["server"]

    def all_at_once():  # of both of nginx's processes
        with ThreadPoolExecutor(12) as threads:
            return set(threads.map(ask, range(12)))

    servers[0].die()
    assert all_at_once() == {(200, 2)}
    servers[0] = Server(1, servers[0].server_port)
    time.sleep(1.1)  # by default nginx leaves it out for a second, and then sends one to see
    servers[1].die()
    servers[0].slow_s = 0.5  # the others come before that one is answered
    assert all_at_once() == {(200, 1)}


def test_what_may_have_had_an_effect_is_not_repeated(client, servers):
    visitor_of(client, 1)
    servers[0].breaks |= {JOIN, "/config"}
    assert client.post(JOIN, json={}).status_code == 502
    assert ("POST", JOIN) not in servers[1].asked
    client.cookies["server"] = "1"
    assert client.get("/config").json()["server"] == 2


def test_a_server_that_ends_opens_no_page(client, servers):
    visitor_of(client, 1)
    servers[0].status["/"] = 503
    assert client.post(JOIN, json={}).json()["server"] == 1
    assert client.get("/").json()["server"] == 2
    assert client.cookies["server"] == "2"


def test_a_server_that_drains_keeps_its_visitors_until_they_open_the_page_again(nginx, client):
    visitor_of(client, 1)
    nginx.drain(1)
    assert client.post(JOIN, json={}).json()["server"] == 1
    assert client.get("/").json()["server"] == 2
    assert client.post(JOIN, json={}).json()["server"] == 2
    assert {opened(client) for _ in range(20)} == {(2, "2")}
    nginx.drain()
    assert {opened(client) for _ in range(40)} == {(1, "1"), (2, "2")}


def test_the_servers_are_told_the_visitors_address_and_not_what_the_visitor_claims(nginx):
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    forged = {f"X-Forwarded-{name}": "1.1.1.1" for name in ("For", "Host", "Proto")}
    with httpx.Client(transport=transport, timeout=60) as client:
        answer = client.get(f"{nginx.url}/config", headers=forged | {"Forwarded": "for=1.1.1.1"})
    seen = answer.json()["headers"]
    assert seen["x-forwarded-for"] == "127.0.0.2" and seen["x-forwarded-proto"] == "http"
    assert seen["host"] == seen["x-forwarded-host"] == nginx.url.removeprefix("http://")
    assert "1.1.1.1" not in str(seen)


def test_a_stream_arrives_as_it_is_sent(client, servers):
    with client.stream("GET", "/gradio_api/queue/data") as stream:
        pieces = stream.iter_raw()
        assert next(pieces) == b"first"
        for server in servers:
            server.go_on.set()
        assert b"".join(pieces) == b"last"


def test_static_files_are_kept_and_others_are_not(client, servers):
    asset = "/assets/index-DphvyggB.js"
    for _ in range(3):
        assert client.get(asset).status_code == client.get("/config").status_code == 200
    asked = [path for server in servers for _, path in server.asked]
    assert asked.count(asset) == 1 and asked.count("/config") == 3
    for server in servers:
        server.die()
    assert client.get(asset).status_code == 200


def test_bodies_are_limited_where_no_file_is_uploaded(client):
    assert client.post(UPLOAD, content=bytes(21_000_000)).json()["length"] == 21_000_000
    assert client.post(JOIN, content=bytes(4_000_000)).json()["length"] == 4_000_000
    assert client.post(JOIN, content=bytes(6_000_000)).status_code == 413


@pytest.fixture
def narrow(monkeypatch, nginx_program, servers):
    """nginx with the same limits for what one address may ask for, but low ones, and told the
    address in a header: the real ones would take seconds to reach, and what a second holds depends
    on the machine."""

    def low(*args, **options):
        text = configuration(*args, **options)
        for large, small in {"rate=300r/s": "rate=1r/m", "burst=600": "burst=5",
                             "connections 2000": "connections 2"}.items():  # fmt: skip
            assert large in text
            text = text.replace(large, small)
        real = "set_real_ip_from 127.0.0.1; real_ip_header X-Test-Address;"
        return text.replace("server_tokens off;", f"server_tokens off; {real}")

    monkeypatch.setattr(devtools.nginx, "configuration", low)
    with nginx_before(*(server.url for server in servers)) as nginx:
        yield nginx


def test_an_address_may_ask_for_so_much_and_takes_nothing_from_others(narrow):
    with httpx.Client(base_url=narrow.url, timeout=60) as client:

        def ask(address, path="/config"):
            return client.get(path, headers={"X-Test-Address": address})

        first = [ask("192.0.2.1") for _ in range(8)]
        assert [answer.status_code for answer in first] == [200] * 6 + [429] * 2
        assert first[-1].json()["detail"] == both("requests_many")
        assert ask("192.0.2.1", "/assets/index-DphvyggB.js").status_code == 200
        assert ask("192.0.2.2").status_code == 200
        of_one_host = [ask(f"2001:db8:0:1::{k}").status_code for k in range(7)]
        assert of_one_host == [200] * 6 + [429]
        assert ask("2001:db8:0:2::1").status_code == 200


def test_an_address_has_so_many_connections_and_takes_none_from_others(narrow):
    with httpx.Client(base_url=narrow.url, timeout=60) as client, ExitStack() as streams:

        def stream(address):
            headers = {"X-Test-Address": address}
            asked = client.stream("GET", "/gradio_api/queue/data", headers=headers)
            return streams.enter_context(asked).status_code

        assert [stream("192.0.2.1") for _ in range(3)] == [200, 200, 429]
        assert stream("192.0.2.2") == 200


def test_the_metrics_are_not_for_visitors(client, servers):
    assert client.get("/metrics").status_code == 404
    assert not [path for server in servers for _, path in server.asked if path == "/metrics"]


def test_the_log_has_a_line_for_each_request_and_no_secret(nginx, client):
    client.get("/gradio_api/file=/tmp/secret", params={"session_hash": "secret"})
    client.get("/gradio_api/heartbeat/secret")
    client.post("/gradio_api/call/generate/secret")
    client.get('/no"thing')
    for _ in range(50):  # nginx writes a line once it has sent the answer
        lines = [json.loads(line) for line in nginx.log.read_text().splitlines()]
        if lines[-1]["route"] == '/no"thing':
            break
        time.sleep(0.1)
    assert [line["route"] for line in lines[-4:]] == [
        "/gradio_api/file=", "/gradio_api/heartbeat/", "/gradio_api/call/", '/no"thing',
    ]  # fmt: skip
    assert {line["status"] for line in lines} == {"200"}
    text = nginx.log.read_text()
    assert "secret" not in text
    assert not [line for line in lines if "127.0.0.1" in str(line | {"servers": ""})]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_server_is_written_and_has_its_share(count):
    servers = [f"10.0.0.{k}:7860" for k in range(1, count + 1)]
    text = configuration(servers)
    assert "@" not in text
    shares = text.split("split_clients $request_id")[1].split("}")[0]
    assert [f"page_{k};" in shares for k in range(1, count + 2)] == [True] * count + [False]
    assert text.count(" backup;") == (count if count > 1 else 0)


def test_one_server_is_left_for_new_visitors():
    with pytest.raises(ValueError, match="every server is draining"):
        configuration(["10.0.0.1:7860", "10.0.0.2:7860"], draining=[1, 2])
