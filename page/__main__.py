"""Open the page: `python app.py`, or the command `ddpm-page`."""

import argparse
import gc
import os
import socket
import sys
from importlib.util import find_spec

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # no request leaves the machine

ABOUT = """Open the page: Noise, Generate, Train.

TOUR=my-tour.yaml gives its visitors a tour of your own: see page/workshop/tour.yaml.
"""


def main() -> None:
    asked = _arguments()
    # Gradio's own variables, which hosts set too
    given = {"GRADIO_SERVER_NAME": asked.host, "GRADIO_SERVER_PORT": asked.port}
    os.environ.update({name: str(value) for name, value in given.items() if value})
    mcp = asked.mcp or os.environ.get("DDPM_MCP") == "1"
    if mcp and find_spec("mcp") is None:
        sys.exit('The page can\'t start: --mcp needs more packages: pip install ".[mcp]"')
    gc.disable()  # nothing is garbage yet: until memory.freeze()
    # imported here, since the processes that open pictures import the program's main module too
    import page.compute  # before gradio and torch

    # isort: split
    import page.server.patches.gradio_stubs  # before gradio

    # isort: split
    from page.layout import CSS, FILES, FIRST_SIGHT, HEAD, THEME, build
    from page.server import event_log
    from page.server.limits import LIMITS
    from page.server.serve import serve
    from page.tabs.train.run import end_all, share_data
    from page.texts import I18N
    from page.workshop import lan_address, links, tour
    from page.workshop.classroom import requests, room

    try:
        tour.load(tour.chosen(), links.LINKED)
    except tour.WrongTour as error:
        sys.exit(f"The page can't start:\n{error}")
    if mcp:
        import page.server.patches.gradio_mcp
    share_data()
    page.compute.start()
    at_terminal = sys.stdout.isatty()
    event_log.start()
    serve(
        build,
        end_all,
        FIRST_SIGHT,
        FILES,
        requests.ROUTES,
        room.tidy,
        lan_address.invitation,
        i18n=I18N,
        theme=THEME,
        css=CSS,
        head=HEAD,
        footer_links=["gradio"],  # its Settings reload the page; its other views show raw labels
        run_history=False,
        show_error=True,
        max_file_size=LIMITS.upload_bytes,
        mcp_server=mcp,
        inbrowser=at_terminal,  # open the page for the user
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python app.py", description=ABOUT, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--host",
        type=_host,
        help="this machine's address to listen at: 127.0.0.1, for you alone (the default), or\n"
        "0.0.0.0, for everyone in the room, who get their address and a QR code",
    )
    parser.add_argument(
        "--port", type=_port, help="from 1 to 65535; by default the first free one from 7860 on"
    )
    parser.add_argument(
        "--mcp",
        action="store_true",
        help="offer the page's actions to MCP clients too (DDPM_MCP=1)",
    )
    return parser.parse_args()


def _host(text: str) -> str:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        with socket.create_server((text, 0), family=family):
            return text
    except (OSError, UnicodeError) as error:
        raise argparse.ArgumentTypeError(
            f"this machine can't listen at {text!r}: 127.0.0.1 is for you alone, 0.0.0.0 for "
            f"everyone in the room ({error})"
        ) from error


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")


if __name__ == "__main__":
    main()
