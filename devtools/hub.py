"""The Hugging Face Hub, played by a server that records what it is sent.

As on the Hub, weights go through Git LFS: announced, uploaded to the URL in the response, and named
in the commit. What was committed can be downloaded again; `fault` is what goes wrong then.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hf_" + "secret" * 5
THERE = ["README.md", ".gitattributes", "old/left.py"]  # already in a Space
FIRST, NEWEST = "0" * 40, "1" * 40  # commits


class Hub(ThreadingHTTPServer):
    def __init__(self, status=200, wrong=()):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status, self.asked, self.created, self.stored, self.deleted = status, [], None, {}, []
        self.wrong = wrong  # errors in the metadata
        self.large = {}  # LFS objects by SHA-256
        self.fault = None  # of downloads: an HTTP status, "stall", "html", "half" or "huge"
        self.ended = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


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

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        hub, path = self.server, self.path.split("?")[0]
        hub.asked.append((path, self.headers.get("Authorization")))
        if "/resolve/" in path:
            self.file(path)
        elif "/tree/" in path:
            self.answer([{"type": "file", "path": p, "oid": "0", "size": 1} for p in THERE])
        else:
            self.answer({"id": "me/mine", "sha": FIRST,
                         "siblings": [{"rfilename": p} for p in THERE]})  # fmt: skip

    def file(self, path):
        """One of `stored`, as model files are downloaded: .../resolve/<revision>/<file>"""
        hub = self.server
        revision, _, name = path.partition("/resolve/")[2].partition("/")
        data, fault = hub.stored.get(name), hub.fault
        if fault == "stall":
            hub.ended.wait(30)
            return
        if isinstance(fault, int) or data is None or revision not in ("main", "v1", NEWEST):
            code = "EntryNotFound" if revision in ("main", "v1", NEWEST) else "RevisionNotFound"
            self.send_response(fault if isinstance(fault, int) else 404)
            if not isinstance(fault, int):
                self.send_header("X-Error-Code", code)
            if fault in (401, 404):
                self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("X-Error-Message", f"refused for {TOKEN}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        if fault == "html":  # a page to log in to the network
            data = b"<html>Please log in</html>"
        else:
            self.send_header("X-Repo-Commit", NEWEST)
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        size = 10**12 if fault == "huge" and name.endswith(".safetensors") else len(data)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.command == "GET":
            half = fault == "half" and name.endswith(".safetensors")
            self.wfile.write(data[: len(data) // 2] if half else data)
        self.close_connection = True

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
                    "commitOid": NEWEST,
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
