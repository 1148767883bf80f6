"""The Hugging Face Hub, played by a server that records what it is sent.

As on the Hub, weights go through Git LFS: announced, uploaded to the URL in the response, and named
in the commit. What was committed can be downloaded again; `fault` is what goes wrong then.
"""

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
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in ({"Content_Length": len(body)} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer(self, content, status=200):
        self.send(status, json.dumps(content).encode(), Content_Type="application/json")

    def do_GET(self):
        hub, path = self.server, self.path.split("?")[0]
        hub.asked.append((path, self.headers.get("Authorization")))
        names = [*THERE, *hub.stored]
        if "/resolve/" in path:
            self.file(path)
        elif path.startswith("/api/datasets/") and self.refuses():
            return
        elif "/tree/" in path:
            folder = path.partition("/tree/")[2].partition("/")[2]
            sizes = {name: len(hub.stored.get(name, b"1")) for name in names}
            self.answer([{"type": "file", "path": name, "oid": "0", "size": size}
                         for name, size in sizes.items() if name.startswith(folder)])  # fmt: skip
        else:
            self.answer({"id": "me/mine", "sha": NEWEST if hub.stored else FIRST,
                         "siblings": [{"rfilename": p} for p in names]})  # fmt: skip

    do_HEAD = do_GET

    def file(self, path):
        """One of `stored`, as model files are downloaded: .../resolve/<revision>/<file>"""
        if self.refuses():
            return
        hub = self.server
        revision, _, name = path.partition("/resolve/")[2].partition("/")
        data = hub.stored.get(name)
        if data is None or revision not in ("main", "v1", NEWEST):
            there = revision in ("main", "v1", NEWEST)
            self.refuse(404, "EntryNotFound" if there else "RevisionNotFound")
            return
        fault = hub.fault if name.endswith((".safetensors", ".parquet")) else None
        body = data[: len(data) // 2] if fault == "half" else data
        size = 10**12 if fault == "huge" else len(data)
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        self.send(200, body, Content_Length=size, X_Repo_Commit=NEWEST, ETag=tag)

    def refuses(self) -> bool:
        """Whether the fault is one of any answer; then this is it."""
        fault = self.server.fault
        if fault == "stall":
            self.server.ended.wait(30)
        elif fault == "html":  # a page to log in to the network
            self.send(200, b"<html>Please log in</html>")
        elif isinstance(fault, int):
            self.refuse(fault, "RepoNotFound" if fault in (401, 404) else None)
        return fault in ("stall", "html") or isinstance(fault, int)

    def refuse(self, status: int, code: str | None) -> None:
        said = {"X_Error_Code": code} if code else {}
        self.send(status, X_Error_Message=f"refused for {TOKEN}", **said)

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
                {"path": f["path"], "shouldIgnore": False,
                 "uploadMode": "lfs" if f["path"].endswith(".safetensors") else "regular"}
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
            url = f"{hub.url}/spaces/me/mine/commit/1"
            self.answer({"commitUrl": url, "commitOid": NEWEST, "hookOutput": ""})
        else:
            self.answer({"error": f"unexpected {path}"}, 404)

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        self.server.large[hashlib.sha256(data).hexdigest()] = data
        self.answer({})
