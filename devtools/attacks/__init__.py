"""Bounded attacks on a running app, from 127.0.0.2 … 127.0.0.9: never from an honest visitor's
address, never to another machine.

`python -m devtools.attacks NAME URL SECONDS` runs one and prints what came of it: an attack has a
process of its own, like a client elsewhere.
"""

import json
import subprocess
import sys

from devtools import ROOT
from devtools.attacks import bodies, connections, doors, headers, hoarders, pictures
from devtools.attacks.attacker import Outcome

GRACE_S = 30.0  # to report, on a busy machine

ATTACKS = {
    "nothing": lambda attacker: None,  # what the measurement itself costs
    "TIFF, tags that share bytes": pictures.tiff_tags,
    "PNG, EXIF tags that share bytes": pictures.png_exif,
    "JPEG, thousands of scans": pictures.jpeg_scans,
    "GIF, a comment in many blocks": pictures.gif_comment,
    "105 unqueued posts of such a picture": pictures.unqueued_posts,
    "JSON bodies of 15 MB": bodies.brackets,
    "session names of 20 MB": bodies.long_session_names,
    "lone surrogates": bodies.lone_surrogates,
    "2,005 new sessions": hoarders.new_sessions,
    "2,050 joins": hoarders.joins,
    "62 readings of a file named 5,000 times": hoarders.repeated_file,
    "32 samplings of one session, unheard": hoarders.unheard_samplings,
    "32 trainings of 32 sessions, unheard": hoarders.unheard_trainings,
    "recordings": hoarders.recordings,
    "large uploads": hoarders.large_uploads,
    "5,000 small uploads": hoarders.small_uploads,
    "newlines": headers.newlines,
    "forwarded host": headers.forwarded_host,
    "foreign origin": headers.foreign_origin,
    "500 waits for a reload": connections.reloads,
    "200 slow bodies": connections.slow_bodies,
    **doors.DOORS,
    **hoarders.LEDGER,
}


def start(name: str, url: str, seconds: float) -> subprocess.Popen:
    """Start one of ATTACKS in a process of its own, and return when it begins; `outcome` reads what
    came of it."""
    command = [sys.executable, "-m", "devtools.attacks", name, url, str(seconds)]
    # without a buffer, in which readline would keep what one that ends at once has printed by then
    attack = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, bufsize=0)
    attack.stdout.readline()
    return attack


def outcome(attack: subprocess.Popen, seconds: float) -> Outcome:
    """Wait until an attack of at most `seconds` has ended. RuntimeError if it failed to run."""
    try:
        printed, _ = attack.communicate(timeout=seconds + GRACE_S)
    finally:
        attack.kill()
    if attack.returncode:
        raise RuntimeError(f"{attack.args}: exit code {attack.returncode}")
    return Outcome(**json.loads(printed))
