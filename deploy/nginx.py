"""Write the configuration of nginx before several servers of the page.

    python -m deploy.nginx 127.0.0.1:7861 127.0.0.1:7862 > nginx.conf
    python -m deploy.nginx 127.0.0.1:7861 127.0.0.1:7862 --draining 1 > nginx.conf

A server that is draining keeps the visitors it has and gets no new ones: docs/SCALING.md says how
to restart servers one after another. Imports only the standard library.
"""

import argparse
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

TEMPLATE = Path(__file__).with_suffix(".conf")
FAILS = "max_fails=0"
LISTEN, LOG = "8080", "/dev/stdout"


def configuration(
    servers: Sequence[str], draining: Collection[int] = (), *, listen: str = LISTEN, log: str = LOG
) -> str:
    """The configuration for servers, each "host:port" with the host's IP address. `draining` has
    the numbers, from 1, of those that get no new visitors. ValueError if no other is left."""
    every_one = range(1, len(servers) + 1)
    open_ones = [k for k in every_one if k not in draining]
    if not open_ones:
        raise ValueError("every server is draining: none is left for new visitors")
    parts = {
        "COUNT": str(len(servers)),
        "LISTEN": listen,
        "LOG": log,
        "UPSTREAMS": "\n".join(_upstream(k, servers) for k in every_one),
        "ANY": _lines(8, (f"server {server} {FAILS};" for server in servers)),
        "CHANCES": _lines(8, _shares(open_ones)),
        "ADDRESSES": _lines(8, _shares(every_one)),
        "STAYING": _lines(8, (f"{k} page_{k};" for k in every_one)),
        "OPENING": _lines(8, (f"{k} page_{k};" for k in open_ones)),
        "ANSWERED": _lines(
            8, (f'"~(^|[ ,]){re.escape(server)}$" {k};' for k, server in enumerate(servers, 1))
        ),
    }
    text = TEMPLATE.read_text("utf-8")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def _upstream(k: int, servers: Sequence[str]) -> str:
    """Server k, and behind it the next one."""
    lines = [f"server {servers[k - 1]} {FAILS};"]
    if len(servers) > 1:
        lines.append(f"server {servers[k % len(servers)]} {FAILS} backup;")
    lines += ["keepalive 64;", "keepalive_timeout 3s;"]
    return f"    upstream page_{k} {{\n{_lines(8, lines)}\n    }}"


def _shares(numbers: Sequence[int]) -> list[str]:
    """The same share for each; the last takes what rounding leaves."""
    share = 100 / len(numbers)
    return [*(f"{share:.2f}% page_{k};" for k in numbers[:-1]), f"* page_{numbers[-1]};"]


def _lines(indent: int, lines: Iterable[str]) -> str:
    return "\n".join(" " * indent + line for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("servers", nargs="+", metavar="ADDRESS:PORT")
    parser.add_argument(
        "--draining", nargs="*", type=int, default=[], metavar="K", help="the first server is 1"
    )
    parser.add_argument("--listen", default=LISTEN, metavar="[ADDRESS:]PORT")
    args = parser.parse_args()
    try:
        print(configuration(args.servers, args.draining, listen=args.listen), end="")
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
