"""A server under attack, and an honest visitor beside the attacker: who waits, what is lost?

    python -m benchmarks.siege                             # 20 s per attack, a Markdown table
    python -m benchmarks.siege --only "JPEG" --seconds 8   # those whose name contains this
    python -m benchmarks.siege --root ../before            # the server of another checkout
    python -m benchmarks.siege --idle                      # waits until nothing else uses the cores

Each attack of `devtools.attacks` meets a server of its own on loopback, and comes from 127.0.0.2 …
127.0.0.9. The visitor at 127.0.0.1 has trained a model and started another training before it
begins, then samples 16 pictures at 10 steps, changes a setting of the Noise tab, uploads a picture
and presses Stop, again and again; in the end the model, the training and its file must still be
there. A frame counts once the network has drawn it: the noise it starts from arrives before the
run's turn. Each row says who kept the cores busy meanwhile: the server, this program with the
visitor and the attacker, and what else ran. Exits with code 1 if an attack broke a promise. The
first row attacks nothing.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from devtools import ROOT, attacks, honest_day, idle
from devtools.attacks.afterwards import wrong_afterwards
from devtools.attacks.attacker import Outcome
from devtools.gauges import Disk, Gauges, memory_of
from devtools.honest_day import Day, again, change_setting, sample, show_picture
from devtools.honest_visitor import visit
from devtools.server import App, running_app
from devtools.tables import head
from page.server.limits import LIMITS

FRAME_S = 2.0  # promised, as the others below
MEMORY = 300_000_000
LOOP_S = 0.25
IDLE_S = 3.0  # before the attack, to learn what an idle server's answers take
REST_S = 10.0  # after it, before memory is read again


@dataclass(frozen=True)
class Row:
    attack: str
    outcome: Outcome
    day: Day
    grew: int  # bytes of memory, at most
    stayed: int  # bytes of memory, after a rest
    loop_s: float  # the latest answer of the event loop, less an idle one
    disk: Disk  # at most, less what was there before
    descriptors: int  # likewise
    cores: idle.Shares

    @property
    def failures(self) -> list[str]:
        checks = {
            "first frame": self.day.p("first frame", 95) < FRAME_S,
            "lost": not self.day.lost and not self.outcome.harms,
            "memory": self.grew < MEMORY and self.stayed < MEMORY / 3,
            "loop": self.loop_s < LOOP_S,
            "disk": self.disk.bytes < LIMITS.bytes_of_all and self.disk.empty_folders < 100,
        }
        return [name for name, kept in checks.items() if not kept]

    def __str__(self) -> str:
        day, p = self.day, lambda what: f"{self.day.p(what, 95):.2f} s"
        answers = ", ".join(f"{count} × {answer}" for answer, count in self.outcome.answers.items())
        lost = [*(f"{count} × {what}" for what, count in day.lost.items()), *self.outcome.harms]
        frame = f"{day.p('first frame', 50):.2f} / {p('first frame')}"
        memory = f"{self.grew / 1e6:+.0f} / {self.stayed / 1e6:+.0f} MB"
        disk = f"{self.disk.bytes / 1e6:.0f} MB, {self.disk.files} + {self.disk.empty_folders}"
        verdict = f"FAIL: {', '.join(self.failures)}" if self.failures else "PASS"
        cells = [self.attack, answers or "–", frame, p("sampling"), p("setting"), p("picture")]
        cells += [p("stop"), "; ".join(lost) or "nothing", memory, f"{self.loop_s:.2f} s", disk]
        cells += [f"{self.descriptors:+d}", str(self.cores)]
        return "| " + " | ".join([*cells, verdict]).replace("\n", " ") + " |"


HEAD = (
    "attack", "answers", "first frame p50 / p95", "16 pictures p95", "setting p95", "picture p95",
    "stop p95", "lost", "memory, most / after", "loop", "disk, files + empty folders",
    "descriptors", "cores kept busy", "",
)  # fmt: skip


async def besiege(app: App, temporary: Path, attack: str, seconds: float) -> Row:
    gauges, day = Gauges(app, temporary), Day()
    watching = asyncio.create_task(gauges.watch())
    async with visit(app.url) as visitor, visit(app.url) as second:
        await honest_day.train(visitor)
        training = honest_day.Training(visitor)
        await asyncio.wait_for(training.began.wait(), honest_day.PATIENCE_S)
        for act in (sample, change_setting, show_picture):  # what the first time costs
            await act(visitor, Day())
        gauges.restart()
        await asyncio.sleep(IDLE_S)
        idle_s = statistics.median(gauges.waits_s)
        gauges.restart()
        memory, disk = gauges.most_memory, gauges.most_disk
        descriptors = gauges.most_descriptors

        before = await asyncio.to_thread(idle.read)
        attacking = await asyncio.to_thread(attacks.start, attack, app.url, seconds)
        until = time.monotonic() + seconds
        await asyncio.gather(
            again("sampling", sample, visitor, day, until),
            again("setting", change_setting, visitor, day, until),
            again("picture", show_picture, visitor, day, until),
            again("stop", honest_day.press_stop, second, day, until),
        )
        outcome = await asyncio.to_thread(attacks.outcome, attacking, seconds)
        after = await asyncio.to_thread(idle.read)
        cores = idle.shares(before, after, {"server": app.process.pid})
        most, loop_s, used = gauges.most_memory, max(gauges.waits_s) - idle_s, gauges.most_disk
        descriptors = gauges.most_descriptors - descriptors
        await day.try_to(
            "sampling with the trained model",
            sample(visitor, Day(), **{"generate-model": "trained"}),
        )
        await day.try_to("training", training.stop())
    await asyncio.sleep(REST_S)
    watching.cancel()
    for what in wrong_afterwards(app):
        day.lost[what] += 1
    pairs = zip(astuple(used), astuple(disk), strict=True)
    grown = Disk(*(later - earlier for later, earlier in pairs))
    grew, stayed = most - memory, memory_of(app) - memory
    return Row(attack, outcome, day, grew, stayed, loop_s, grown, descriptors, cores)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", default="", metavar="NAME", help="attacks that have this in it")
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout to attack")
    idle.add_argument(parser)
    args = parser.parse_args()
    chosen = [name for name in attacks.ATTACKS if args.only.lower() in name.lower()]
    failed = False
    idle.wait(args.idle)
    with tempfile.TemporaryDirectory() as temporary:
        # TMPDIR: where Gradio leaves files outside its own folder
        head(*HEAD)
        for name in chosen:
            with running_app(args.root, TMPDIR=temporary) as app:
                try:
                    row = asyncio.run(besiege(app, Path(temporary), name, args.seconds))
                except Exception as error:  # the other attacks are measured all the same
                    row = f"| {name} | FAIL: {type(error).__name__} {error} |"
            print(row, flush=True)
            failed |= "FAIL" in str(row)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
