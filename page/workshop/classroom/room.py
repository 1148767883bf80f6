"""A class: one who presents asks, and everyone in the room answers, without an account.

It is a folder, in which what is asked is a file, and each device's answer to it. Servers that share
a folder (`DDPM_RESULTS`) have their classes in common; otherwise they are among the server's
temporary files and end with it. All of a class goes an hour after its presenter last did something.

The presenter's browser makes up the secret that it presents with. The others join by a code, which
follows from the secret, and from which the secret doesn't follow.
"""

import hashlib
import json
import os
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ddpm.settings import check_settings, setting, settings_of
from page.server.limits import LIMITS
from page.server.patches.gradio_patches import upload_folder
from page.server.refusal import Refused
from page.server.visitors.ledger import Ledger
from page.texts import both
from page.workshop.classroom.wall import Wall

LASTS_S = 3600.0
CODE_CHARS = 20  # hexadecimal: nobody finds a secret that gives the same code
ANSWERS = 2_000  # of a class, to all of its questions: devices can be made up
ROOM_BYTES = 28_000_000  # what a class may take at most, and is charged from its beginning
ROOMS_BYTES = 50 * ROOM_BYTES
PREFIX, ASKED = "class-", "asked.json"


@dataclass(frozen=True)
class Asked:
    """What the class is asked. Nobody can answer once the right answer is shown."""

    step: int = setting(1, "step of the tour that the class is at", low=1, high=99)
    choices: int = setting(0, "choices of its question; 0 without one", low=0, high=16)
    several: bool = setting(False, "whether an answer may name several choices")
    shown: bool = setting(False, "whether the right answer is shown")
    wall: bool = setting(False, "whether the wall is open to the class's pictures")

    def __post_init__(self):
        check_settings(self)

    def takes(self, picked: list[int]) -> bool:
        """Whether this can be an answer."""
        fits = all(type(each) is int and 0 <= each < self.choices for each in picked)
        most = self.choices if self.several else 1
        return fits and len(set(picked)) == len(picked) <= most


class Room:
    def __init__(self, code: str):
        self._folder = _classes() / f"{PREFIX}{code}"
        self.wall = Wall(self._folder / "wall")

    def state(self) -> dict[str, Any]:
        """What is asked, and once it is shown, how many chose what. Raises Refused if there is no
        such class, or no longer."""
        with suppress(OSError):
            if not is_over(self._folder):
                return json.loads((self._folder / ASKED).read_bytes())
        raise Refused(410, both("classroom_gone"))

    def present(self, asked: Asked, address: str) -> dict[str, Any]:
        """Ask this, in a class that begins now if there is none. Returns what `state` will say,
        how many chose what even before the others may know, and what is on the wall."""
        try:
            before = self.state()
            ROOMS.used(self._folder)
        except Refused:
            self.end()  # what is left of one that is over
            self._folder.mkdir(mode=0o700, parents=True)
            ROOMS.add(address, self._folder.name, self._folder, ROOM_BYTES)
            before = None
        tally = self._tally(asked)
        said = asdict(asked) | (tally if asked.shown else {})
        if said != before:
            _write(self._folder / ASKED, said)
        return said | tally | {"pictures": self.wall.names()}

    def answer(self, device: str, step: int, picked: list[int]) -> None:
        """This device's answer, in place of the one that it gave before. Raises Refused."""
        asked = self._asked()
        if asked.step != step or asked.shown:
            raise Refused(409, both("classroom_late"))
        if not asked.takes(picked):
            raise Refused(422, both("request_kind"))
        file = self._answers(asked) / _digest(device)
        if not file.exists() and sum(1 for _ in self._folder.glob("*-*/*")) >= ANSWERS:
            raise Refused(403, both("classroom_full"))  # 429 would be sent again
        _write(file, picked)

    def hang(self, device: str, path: str) -> None:
        """Put what this device drew on the wall. Raises Refused."""
        if not self._asked().wall:
            raise Refused(409, both("wall_closed"))
        self.wall.hang(_digest(device), path)

    def end(self) -> None:
        """Nothing of it is left."""
        ROOMS.remove(self._folder)
        _delete(self._folder)  # another server may have begun it

    def _asked(self) -> Asked:
        said = self.state()
        return Asked(**{name: said[name] for name in settings_of(Asked)})

    def _answers(self, asked: Asked) -> Path:
        return self._folder / f"{asked.step}-{asked.choices}"

    def _tally(self, asked: Asked) -> dict[str, Any]:
        """How many answered, and how often each choice was chosen."""
        counts, answers = [0] * asked.choices, 0
        for file in self._answers(asked).glob("[!.]*"):
            answers += 1
            for choice in json.loads(file.read_bytes()):
                counts[choice] += 1
        return {"counts": counts, "answers": answers}


def _classes() -> Path:
    """The folder that holds them."""
    return Path(LIMITS.results) if LIMITS.results else upload_folder()


def code_of(secret: str) -> str:
    return _digest(secret)[:CODE_CHARS]


def _digest(secret: str) -> str:
    """What stands for a secret that is kept nowhere."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def is_over(folder: Path) -> bool:
    """Raises OSError if there is none."""
    return time.time() - (folder / ASKED).stat().st_mtime > LASTS_S


def tidy() -> None:
    """Delete the classes that are over. Each server does it, for all."""
    for folder in _classes().glob(f"{PREFIX}*/"):
        with suppress(OSError):  # it has only begun, or another server was first
            if is_over(folder):
                ROOMS.remove(folder)
                _delete(folder)


def _write(file: Path, value: object) -> None:
    """Another process sees the whole file or none."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    part = file.with_name(f".{secrets.token_hex(8)}")
    part.write_text(json.dumps(value), "utf-8")
    os.replace(part, file)


_delete = partial(shutil.rmtree, ignore_errors=True)
ROOMS = Ledger(ROOMS_BYTES, _delete)
