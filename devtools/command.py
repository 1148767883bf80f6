"""`python -m ddpm` in this process, which has already imported everything."""

import io
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from ddpm.__main__ import main


def _called(args: tuple[object, ...]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["ddpm", *map(str, args)]),
        mock.patch.object(warnings, "formatwarning", warnings.formatwarning),  # main sets it
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        return main(), out.getvalue(), err.getvalue()


def run(*args: object) -> str:
    """What it prints."""
    code, out, err = _called(args)
    assert code == 0, err
    return out


def refused(*args: object) -> str:
    """What it says is wrong."""
    code, out, err = _called(args)
    assert code == 1, out + err
    return err
