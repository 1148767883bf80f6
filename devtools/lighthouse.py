"""Lighthouse, from npm, on one address: accessibility, layout shift and performance."""

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "lighthouse@12.8.2"  # the last one for Node 20
TIMEOUT_S = 300
LOADED_S = 15  # Lighthouse waits for this page's processor to rest, and never thinks that it does
CHROME = "--headless --no-sandbox --disable-gpu --disable-quic"


def audit(url: str, width: int, chromium: str) -> dict[str, float]:
    """`accessibility`, of 100, and `layout shift`, the sum of Lighthouse's worst second of loading
    on a slow connection: of a telephone if the window is narrow, otherwise of a laptop.

    Raises CalledProcessError, with npx's output, if Lighthouse fails.
    """
    is_phone = width < 700
    found = _report(
        url,
        chromium,
        "--only-categories=accessibility",
        "--only-audits=cumulative-layout-shift",
        f"--form-factor={'mobile' if is_phone else 'desktop'}",
        f"--screenEmulation.mobile={str(is_phone).lower()}",
        f"--screenEmulation.width={width}",
        f"--screenEmulation.height={844 if is_phone else 800}",
        f"--screenEmulation.deviceScaleFactor={2 if is_phone else 1}",
    )
    return {
        "accessibility": 100 * found["categories"]["accessibility"]["score"],
        "layout shift": found["audits"]["cumulative-layout-shift"]["numericValue"],
    }


def performance(url: str, is_phone: bool, chromium: str) -> dict[str, float]:
    """`score`, of 100, with Lighthouse's own telephone or desktop, and of what it is made the
    seconds until the first and the largest paint and those in which scripts block the page.

    Raises CalledProcessError, with npx's output, if Lighthouse fails.
    """
    preset = [] if is_phone else ["--preset=desktop"]
    asked = ["--only-categories=performance", f"--max-wait-for-load={1000 * LOADED_S}", *preset]
    found = _report(url, chromium, *asked)
    audits = found["audits"]
    return {
        "score": 100 * found["categories"]["performance"]["score"],
        "first paint": audits["first-contentful-paint"]["numericValue"] / 1000,
        "largest paint": audits["largest-contentful-paint"]["numericValue"] / 1000,
        "blocked": audits["total-blocking-time"]["numericValue"] / 1000,
        "layout shift": audits["cumulative-layout-shift"]["numericValue"],
    }


def _report(url: str, chromium: str, *asked: str) -> dict:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            ["npx", "--yes", PACKAGE, url, "--quiet", "--output=json",
             f"--output-path={report}", f"--chrome-flags={CHROME}", *asked],
            check=True, capture_output=True, text=True, timeout=TIMEOUT_S,
            env=os.environ | {"CHROME_PATH": chromium},
        )  # fmt: skip
        return json.loads(report.read_text("utf-8"))
