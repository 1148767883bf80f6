"""/health, for a host that polls it."""

import time
from contextlib import suppress

import psutil
from starlette.requests import Request
from starlette.responses import JSONResponse

from page.server import event_log, work
from page.server.machine import disk
from page.server.patches.gradio_patches import upload_folder
from page.server.visitors.visitors import VISITORS

_fault: str | None = None  # text key of what is wrong with the disk
# Besides the page's own: those that compute and open pictures, with what memory is theirs alone
PROCESSES = {"count": 0, "memory_bytes": 0}


async def answer(request: Request) -> JSONResponse:
    """503 once the server is shutting down. A full disk is "degraded" with 200: the page still
    works in part, and a host that restarted it would lose what its visitors have."""
    return JSONResponse(state(), status_code=503 if work.closing.is_set() else 200)


def state() -> dict:
    process = psutil.Process()
    found = {
        "status": "ending" if work.closing.is_set() else "degraded" if _fault else "ok",
        "uptime_s": round(time.time() - process.create_time(), 1),
        **work.counts(),
        "visitors": VISITORS.counts(),
        "memory_bytes": process.memory_info().rss,
        "processes": PROCESSES,
    }
    return found | ({"reason": _fault} if _fault else {})


def check() -> None:
    """Look at the disk and the processes, for the next answers; a change of the disk is logged."""
    global _fault
    found = []
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended
            found.append(each.memory_full_info().uss)
    PROCESSES.update(count=len(found), memory_bytes=sum(found))
    before, _fault = _fault, disk.fault(upload_folder())
    if _fault != before:
        event_log.write("degraded" if _fault else "recovered", reason=_fault or before)
