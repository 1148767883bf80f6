"""Open the page: `python app.py`, or the command `ddpm-page`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # no request leaves the machine


def main() -> None:
    # imported here, since the processes that open pictures import the program's main module too
    import page.compute  # noqa: F401  before gradio and torch

    # isort: split
    from page.layout import CSS, HEAD, THEME, build
    from page.server import event_log
    from page.server.limits import LIMITS
    from page.server.serve import serve
    from page.tabs.train.run import end_all
    from page.texts import I18N

    at_terminal = sys.stdout.isatty()
    event_log.start()
    serve(
        build,
        end_all,
        i18n=I18N,
        theme=THEME,
        css=CSS,
        head=HEAD,
        footer_links=["gradio"],  # its Settings reload the page; its other views show raw labels
        run_history=False,
        show_error=True,
        max_file_size=LIMITS.upload_bytes,
        mcp_server=find_spec("mcp") is not None,  # pip install "gradio[mcp]"
        inbrowser=at_terminal,  # open the page for the user
    )


if __name__ == "__main__":
    main()
