"""Lighthouse, from npm, on one address: accessibility and layout shift, as on a slow device."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "lighthouse@12.8.2"  # the last one for Node 20
TIMEOUT_S = 300
CHROME = "--headless --no-sandbox --disable-gpu --disable-quic"


def audit(url: str, width: int, chromium: str) -> dict[str, float]:
    """`accessibility`, of 100, and `layout shift`, the sum of Lighthouse's worst second of loading
    on a slow connection: of a telephone if the window is narrow, otherwise of a laptop.

    Raises CalledProcessError, with npx's output, if Lighthouse fails.
    """
    is_phone = width < 700
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                "npx", "--yes", PACKAGE, url, "--quiet", "--output=json",
                f"--output-path={report}", f"--chrome-flags={CHROME}",
                "--only-categories=accessibility", "--only-audits=cumulative-layout-shift",
                f"--form-factor={'mobile' if is_phone else 'desktop'}",
                f"--screenEmulation.mobile={str(is_phone).lower()}",
                f"--screenEmulation.width={width}",
                f"--screenEmulation.height={844 if is_phone else 800}",
                f"--screenEmulation.deviceScaleFactor={2 if is_phone else 1}",
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            env=os.environ | {"CHROME_PATH": chromium},
        )  # fmt: skip
        found = json.loads(report.read_text("utf-8"))
    return {
        "accessibility": 100 * found["categories"]["accessibility"]["score"],
        "layout shift": found["audits"]["cumulative-layout-shift"]["numericValue"],
    }
