"""`make deploy`, with Hugging Face replaced by a server that records what it is sent.

As on the Hub, weights go through Git LFS: announced, uploaded to the URL in the response, and named
in the commit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from deploy.requirements import space_requirements
from deploy.space import space_files
from devtools import ROOT

TOKEN = "hf_" + "secret" * 5
THERE = ["README.md", ".gitattributes", "old/left.py"]  # already in the Space


class Hub(ThreadingHTTPServer):
    def __init__(self, status=200, wrong=()):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status, self.asked, self.created, self.stored, self.deleted = status, [], None, {}, []
        self.wrong = wrong  # errors in the metadata
        self.large = {}  # LFS objects by SHA-256
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, content, status=200):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        hub, path = self.server, self.path.split("?")[0]
        hub.asked.append((path, self.headers.get("Authorization")))
        if "/tree/" in path:
            self.answer([{"type": "file", "path": p, "oid": "0", "size": 1} for p in THERE])
        else:
            self.answer({"id": "me/mine", "sha": "0" * 40,
                         "siblings": [{"rfilename": p} for p in THERE]})  # fmt: skip

    def do_POST(self):
        hub, path = self.server, self.path.split("?")[0]
        hub.asked.append((path, self.headers.get("Authorization")))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if hub.status != 200:
            self.answer({"error": "no"}, hub.status)
        elif path == "/api/repos/create":
            hub.created = json.loads(body)
            self.answer({"url": f"{hub.url}/spaces/me/mine", "name": "me/mine"})
        elif path == "/api/validate-yaml":
            found = {"errors": [{"message": each} for each in hub.wrong], "warnings": []}
            self.answer(found, 400 if hub.wrong else 200)
        elif "/preupload/" in path:
            files = json.loads(body)["files"]
            self.answer({"files": [
                {"path": f["path"], "uploadMode": mode_of(f["path"]), "shouldIgnore": False}
                for f in files
            ]})  # fmt: skip
        elif path.endswith(".git/info/lfs/objects/batch"):
            self.answer({"transfer": "basic", "objects": [
                o | {"actions": {"upload": {"href": f"{hub.url}/lfs/{o['oid']}"}}}
                for o in json.loads(body)["objects"]
            ]})  # fmt: skip
        elif "/commit/" in path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    hub.stored[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                elif line["key"] == "lfsFile":
                    hub.stored[line["value"]["path"]] = hub.large[line["value"]["oid"]]
                elif line["key"] == "deletedFile":
                    hub.deleted.append(line["value"]["path"])
            self.answer(
                {
                    "commitUrl": f"{hub.url}/spaces/me/mine/commit/1",
                    "commitOid": "1" * 40,
                    "hookOutput": "",
                }
            )
        else:
            self.answer({"error": f"unexpected {path}"}, 404)

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        self.server.large[hashlib.sha256(data).hexdigest()] = data
        self.answer({})


def mode_of(path):
    return "lfs" if path.endswith(".safetensors") else "regular"


def run(hub, space="me/mine", token=TOKEN, tmp=None, program="deploy.space", cwd=ROOT):
    """`python -m deploy.space`, as make calls it, with all its logging on."""
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(tmp), "HF_HOME": str(tmp), "HF_ENDPOINT": hub.url,
        "HF_HUB_VERBOSITY": "debug", "HF_DEBUG": "1", "HF_HUB_DISABLE_XET": "1",
    }  # fmt: skip
    env |= {"HF_TOKEN": token} if token else {}
    return subprocess.run(
        [sys.executable, "-m", program, *([space] if space is not None else [])],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture
def hub(request):
    hub = Hub(**getattr(request, "param", {}))
    yield hub
    hub.shutdown()
    hub.server_close()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    hub = Hub()
    done = run(hub, tmp=tmp_path_factory.mktemp("home"))
    hub.shutdown()
    hub.server_close()
    assert done.returncode == 0, done.stderr
    return hub, done


def test_only_the_right_files_are_uploaded(deployed):
    hub, done = deployed
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    folders = ("page/", "ddpm/", "checkpoints/")
    tops = {"app.py", "requirements.txt", "pyproject.toml", "LICENSE", "README.md", "Space.yaml"}
    lessons = {"docs/lesson.ipynb", "docs/lesson.zh.ipynb"}
    shown = {name for name in hub.stored if name.startswith("docs/")} - lessons
    needed = {f for f in tracked if f.startswith(folders)} | tops | lessons
    assert hub.stored.keys() - shown == needed
    readme = (ROOT / "README.md").read_text("utf-8")
    pictures = [name for name in tracked if re.fullmatch(r"docs/.*\.(png|svg)", name)]
    assert shown == {name for name in pictures if f"({name})" in readme or f'"{name}"' in readme}
    for name in lessons:  # whose badges and first cell name this Space
        here = (ROOT / name).read_text("utf-8")
        assert hub.stored[name].decode() == here.replace("your-name/diffusion", "me/mine") != here
    for name in hub.stored.keys() - {"requirements.txt"} - lessons:
        assert hub.stored[name] == (ROOT / name).read_bytes(), name
    assert len(hub.large) == sum(name.endswith(".safetensors") for name in tracked)
    assert hub.deleted == ["old/left.py"]
    assert "me/mine" in done.stdout


def test_the_space_is_created_as_space_yaml_says(deployed):
    hub, _ = deployed
    space = yaml.safe_load((ROOT / "Space.yaml").read_text("utf-8"))
    assert hub.created["type"] == "space" and hub.created["sdk"] == space["sdk"]
    assert hub.created["hardware"] == space["suggested_hardware"]


def test_the_space_installs_what_was_tested(deployed):
    hub, _ = deployed
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    hardware = yaml.safe_load((ROOT / "Space.yaml").read_text("utf-8"))["suggested_hardware"]
    assert hub.stored["requirements.txt"].decode() == space_requirements(constraints, hardware)


def test_the_token_is_sent_only_to_the_hub(deployed):
    hub, done = deployed
    of_the_space = {
        token for path, token in hub.asked if path.startswith(("/api/repos", "/api/spaces"))
    }
    assert of_the_space == {f"Bearer {TOKEN}"}
    assert {token for path, token in hub.asked if path.startswith("/lfs/")} == {None}
    assert TOKEN not in done.stdout + done.stderr
    assert not [name for name, data in hub.stored.items() if TOKEN.encode() in data]


def test_the_static_edition_is_a_space_without_a_server(hub, tmp_path):
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copy(ROOT / "Space.yaml", tmp_path)
    without = run(hub, tmp=tmp_path, program="deploy.static_space", cwd=tmp_path)
    assert without.returncode == 1 and "make static" in without.stderr and not hub.asked
    files = {"index.html": b"<!doctype html>", "sw.js": b"1", "0a/models/m.onnx.gz": b"\x1f\x8b"}
    for name, content in files.items():
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_bytes(content)
    done = run(hub, tmp=tmp_path, program="deploy.static_space", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    card = hub.stored.pop("README.md").decode()
    assert hub.stored == files and hub.deleted == ["old/left.py"]
    assert hub.created["sdk"] == "static" and "hardware" not in hub.created
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["sdk"] == "static" and not {"app_file", "suggested_hardware"} & head.keys()
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("hub", [{"status": k} for k in (401, 403, 500)], indirect=True)
def test_a_refusal_prints_one_line(hub, tmp_path):
    done = run(hub, tmp=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert str(hub.status) in done.stderr.splitlines()[-1]
    assert TOKEN not in done.stdout + done.stderr and not hub.stored


@pytest.mark.parametrize("hub", [{"wrong": ['"emoji" must be one']}], indirect=True)
def test_metadata_that_the_hub_refuses_is_named(hub, tmp_path):
    done = run(hub, tmp=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr and not hub.stored
    assert "Space.yaml is not valid" in done.stderr
    assert '"emoji" must be one' in done.stderr


def test_models_of_your_own_are_not_uploaded(tmp_path):
    shutil.copytree(ROOT / "checkpoints", tmp_path / "checkpoints")
    shutil.copy(ROOT / "README.md", tmp_path)
    for folder in ("page", "ddpm"):
        (tmp_path / folder).mkdir()
    (tmp_path / "checkpoints/mine.safetensors").write_bytes(b"private")
    names = space_files(tmp_path)
    assert "checkpoints/mine.safetensors" not in names
    assert "checkpoints/fashion_mnist.safetensors" in names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "token", "says"),
    [
        (None, TOKEN, "make deploy SPACE="),
        ("", TOKEN, "make deploy SPACE="),
        ("mine", TOKEN, "has no owner"),
        ("me/mi ne", TOKEN, "not a valid Space name"),
        ("../../etc", TOKEN, "not a valid Space name"),
        ("https://huggingface.co/spaces/me/mine", TOKEN, "not a valid Space name"),
        ("me/mine", None, "No token"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(hub, tmp_path, space, token, says):
    done = run(hub, space, token, tmp_path)
    assert done.returncode in (1, 2) and says in done.stderr and "Traceback" not in done.stderr
    assert not hub.asked
