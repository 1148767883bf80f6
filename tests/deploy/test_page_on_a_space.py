"""The page as a Space runs it: only the uploaded files, its variables, a read-only folder, no home
and a small disk for /tmp.

SPACE_PYTHON may name an interpreter with requirements.txt installed, with the Python and torch of a
Space; the default is this one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gradio_client import Client
from PIL import Image

import ddpm
from deploy.space import space_files
from devtools.server import free_port, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DISK = "64m"  # of /tmp
SMALL = 50e6  # bytes that a short visit may leave there


def bound_by_modes(missing):
    """A command prefix under which even root can't write to read-only folders."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        missing("root ignores file modes, and there is no setpriv to prevent it")
    lost = "-dac_override,-dac_read_search"
    return ["setpriv", f"--inh-caps={lost}", f"--bounding-set={lost}"]


def with_small_disk(folder):
    """A command prefix that mounts a small disk at the folder, for that command alone. Empty if
    this machine doesn't allow mounts.
    """
    mount = f'mount -t tmpfs -o size={DISK},mode=777 none "$0" && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", mount, str(folder)]
    can = shutil.which("unshare") and not subprocess.run([*command, "true"], check=False).returncode
    return command if can else []


@pytest.fixture(scope="module")
def space(tmp_path_factory, missing):
    """(url, /tmp of the app, its code)"""
    top = tmp_path_factory.mktemp("space")
    code, home, tmp = (top / name for name in ("app", "home", "tmp"))
    for name, path in space_files().items():
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, code / name)
    home.mkdir()
    tmp.mkdir()
    folders = [code, home, *(path for path in code.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    port = free_port()
    env = {
        "PATH": os.environ["PATH"], "HOME": str(home), "HF_HOME": str(home / ".cache"),
        "TMPDIR": str(tmp), "SYSTEM": "spaces", "SPACE_ID": "me/mine", "SPACE_HOST": "localhost",
        "SPACE_AUTHOR_NAME": "me", "SPACE_REPO_NAME": "mine", "PYTHONUNBUFFERED": "1",
        "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ALLOW_FLAGGING": "never", "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",  # beside other tests
        "DDPM_FREE_BYTES": "1000000",  # of a disk that is small on purpose
    }  # fmt: skip
    log, url = top / "log.txt", f"http://127.0.0.1:{port}"
    disk = with_small_disk(tmp)
    python = os.environ.get("SPACE_PYTHON", sys.executable)
    command = [*disk, *bound_by_modes(missing), python, "app.py"]
    with log.open("w") as out:
        app = subprocess.Popen(command, cwd=code, env=env, stdout=out, stderr=out)
    try:
        wait_for(url, app, log)
        yield url, Path(f"/proc/{app.pid}/root{tmp}") if disk else tmp, code
    finally:
        app.terminate()
        app.wait(20)
        for folder in folders:
            folder.chmod(0o755)


def test_it_draws_trains_and_leaves_little_behind(space, tmp_path):
    url, tmp, code = space
    before = sorted(code.rglob("*"))
    client = Client(url, verbose=False, download_files=tmp_path, analytics_enabled=False)
    _, png, *_ = client.predict(label=8, count=1, steps=2, api_name="/generate")
    assert Image.open(png).size == (812, 812)  # 18 times as large, to be seen
    _, checkpoint = client.predict(dim=8, steps=10, batch_size=8, api_name="/train")
    assert ddpm.load_checkpoint(checkpoint).info["steps"] == 10
    client.close()
    left = [path for path in tmp.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in left) < SMALL
    assert sorted(code.rglob("*")) == before
