"""The command `ddpm push`: a model with its card on the Hugging Face Hub."""

import argparse
from typing import Any


def push_command(args: argparse.Namespace) -> None:
    from ddpm.exchange.model_card import push_run  # imports huggingface_hub

    print(push_run(args.model, args.name, private=args.private or None))


def add(commands: Any) -> None:
    """The command, on a parser's sub-commands."""
    push = commands.add_parser(
        "push",
        help="upload a model with its card to the Hugging Face Hub",
        epilog="Needs a login: `hf auth login`, or a token in HF_TOKEN. The card lists what "
        "`ddpm evaluate --checkpoint RUN` found last.",
    )
    push.set_defaults(run=push_command)
    push.add_argument("model", help="a run's folder, a file or a shipped name")
    push.add_argument("name", help="owner/name")
    push.add_argument("--private", action="store_true", help="let nobody else see it")
