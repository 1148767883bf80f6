"""One attack in this process: see `devtools.attacks`."""

import json
import os
import sys
import threading
from dataclasses import asdict

from devtools.attacks import ATTACKS
from devtools.attacks.attacker import Attacker


def main(name: str, url: str, seconds: str) -> None:
    if hasattr(os, "nice"):
        os.nice(5)  # an attacker's own work happens elsewhere: leave the cores to the server
    attacker = Attacker(url, float(seconds))
    print("begins", flush=True)
    attack = threading.Thread(target=ATTACKS[name], args=[attacker], daemon=True)
    attack.start()
    attack.join(attacker.left_s)
    print(json.dumps(asdict(attacker.outcome())), flush=True)
    os._exit(0)  # drops the requests that are still under way


if __name__ == "__main__":
    main(*sys.argv[1:])
