"""What a class's pages ask for: its presenter's page what was answered, the others' what is asked.

All of them ask again and again, so nothing of it passes through Gradio's queue.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ddpm.settings import WrongSetting
from page.server.refusal import Refused
from page.server.visitors.shares import address_of, network_of
from page.texts import both
from page.workshop.classroom.room import CODE_CHARS, Asked, Room, code_of
from page.workshop.classroom.wall import NAME

SECRET = re.compile(r"[0-9a-f]{32}")  # a presenter's, or a device's
PATH = re.compile(r"[^\0]{1,4096}")
CODE = re.compile(rf"[0-9a-f]{{{CODE_CHARS}}}")
SLOW = (Room.hang, Room.present)  # make a film, and count all answers
MOST, MOST_SLOW = 400, 40  # that wait, of an account
_threads = ThreadPoolExecutor(2, "class")  # Starlette's are what all of Gradio's routes need
_waiting: Counter[tuple[str, bool]] = Counter()  # by account, slow ones and others


async def present(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """Ask the class something, and get what was answered so far."""
    secret = _text(given.pop("secret", None), SECRET)
    try:
        asked = Asked(**given)
    except (TypeError, WrongSetting) as error:
        raise Refused(422, both("request_kind")) from error
    code = code_of(secret)
    return {"code": code} | await _of(request, code, Room.present, asked, address_of(request))


async def answer(request: Request, given: dict[str, Any]) -> None:
    """One device's answer."""
    device, step, picked = (given.get(name) for name in ("device", "step", "picked"))
    if type(step) is not int or not isinstance(picked, list):
        raise Refused(422, both("request_kind"))
    await _of(request, given.get("code"), Room.answer, _text(device, SECRET), step, picked)


async def hang(request: Request, given: dict[str, Any]) -> None:
    """A picture that a device shows to the room, by the path that its page has of it."""
    device, path = _text(given.get("device"), SECRET), _text(given.get("path"), PATH)
    await _of(request, given.get("code"), Room.hang, device, path)


async def take_down(request: Request, given: dict[str, Any]) -> None:
    """One picture of the wall, or all."""
    name = given.get("name") and _text(given["name"], NAME)
    secret = _text(given.get("secret"), SECRET)
    await _of(request, code_of(secret), lambda room: room.wall.take_down(name))


async def end(request: Request, given: dict[str, Any]) -> None:
    """Leave nothing of the class."""
    await _of(request, code_of(_text(given.get("secret"), SECRET)), Room.end)


def _posted(act: Callable[[Request, dict[str, Any]], Awaitable[dict | None]]) -> Route:
    async def answered(request: Request) -> Response:
        given = await request.json() if await request.body() else None
        if not isinstance(given, dict):
            raise Refused(422, both("request_kind"))
        said = await act(request, given)
        return Response(status_code=204) if said is None else JSONResponse(said)

    return Route(f"/class/{act.__name__}", answered, methods=["POST"])


async def state(request: Request) -> Response:
    """What is asked, for who has joined."""
    return JSONResponse(await _of(request, request.path_params["code"], Room.state))


async def picture(request: Request) -> Response:
    """Of the wall. Only its presenter learns the names, which nobody can guess."""
    file = await _of(request, request.path_params["code"], _picture, request.path_params["name"])
    return FileResponse(file)


def _picture(room: Room, name: str) -> Path:
    file = room.wall.file(_text(name, NAME))
    if not file.is_file():
        raise Refused(404, "Not Found")
    return file


async def _of(request: Request, code: object, act: Callable[..., Any], *args) -> Any:
    """What a room of this code does, which touches the disk."""
    room = Room(_text(code, CODE))
    who = network_of(address_of(request)), act in SLOW
    if _waiting[who] >= (MOST_SLOW if act in SLOW else MOST):
        raise Refused(429, both("server_busy"))
    _waiting[who] += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, partial(act, room, *args))
    except FileNotFoundError as error:  # it ends at this moment
        raise Refused(410, both("classroom_gone")) from error
    finally:
        _waiting[who] -= 1
        if not _waiting[who]:
            del _waiting[who]


def _text(text: object, form: re.Pattern[str]) -> str:
    if not isinstance(text, str) or not form.fullmatch(text):
        raise Refused(422, both("request_kind"))
    return text


ROUTES = [
    *map(_posted, (present, answer, hang, take_down, end)),
    Route("/class/at/{code}", state),
    Route("/class/at/{code}/{name}", picture),
]
