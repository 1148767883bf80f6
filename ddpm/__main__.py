"""The command line: `python -m ddpm` trains, draws, measures, shows, exports and pushes models."""

import argparse
import sys
import warnings
from pathlib import Path

from ddpm import processes
from ddpm.commands import draw, export, figure, push, train
from ddpm.training.loop import TrainingDiverged

AGAIN = "With --resume a training goes on from what was saved last"


def parser(argv: list[str] | None = None) -> argparse.ArgumentParser:
    """Of what was typed; None for the process's own arguments."""
    # as it was called: the installed command, or the module of a checkout
    name = "ddpm" if Path(sys.argv[0]).stem == "ddpm" else "python -m ddpm"
    top = argparse.ArgumentParser(prog=name, description=__doc__)
    commands = top.add_subparsers(required=True)
    train.add(commands, sys.argv[1:] if argv is None else argv)
    for kind in (draw, figure, export, push):
        kind.add(commands)
    return top


def main() -> int:
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"  # not its line of code
    try:
        args = parser().parse_args()
        args.run(args)
        processes.end()
    except (ValueError, OSError, TrainingDiverged) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except RuntimeError as error:
        if not processes.lost(error):
            raise
        which = f"error: process {processes.number()} of {processes.count()}"
        print(f"{which} has lost another, whose output says why. {AGAIN}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
