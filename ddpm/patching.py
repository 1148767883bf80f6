"""Changing what another library doesn't let us set, or failing at start if it can't be changed.

Assigning to a function that a new release has renamed succeeds and does nothing. So before
anything is replaced or used, it is checked to be what the patch was written for.
"""

import inspect
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

T = TypeVar("T")
F = TypeVar("F", bound=Callable)


class PatchError(RuntimeError):
    """A library is not the one that a patch was written for; the message says what differs."""


def patch(owner: object, name: str) -> Callable[[F], F]:
    """Decorates what replaces a function of a module, or a method of a class. PatchError unless
    that takes the same arguments; see `expect_callable`."""

    def replace(replacement: F) -> F:
        expect_callable(owner, name, _signature(replacement))
        setattr(owner, name, replacement)
        return replacement

    return replace


def expect_callable(owner: object, name: str, signature: str) -> Callable:
    """The function `name` of a module or class.

    PatchError unless it takes `signature`: names and defaults, such as "(self, key, value=None)".
    """
    found = expect(owner, name, object)
    if not callable(found):
        raise _not_as_expected(owner, name, "is not a function")
    if (actual := _signature(found)) != signature:
        raise _not_as_expected(owner, name, f"takes {actual} where {signature} is expected")
    return found


def expect(owner: object, name: str, kind: type[T]) -> T:
    """The attribute `name` of `owner`. PatchError if there is none, or one of another kind."""
    if not hasattr(owner, name):
        raise _not_as_expected(owner, name, "is missing")
    found = getattr(owner, name)
    if not isinstance(found, kind):
        raise _not_as_expected(
            owner, name, f"is of type {type(found).__name__} where {kind.__name__} is expected"
        )
    return found


def _signature(function: Callable) -> str:
    """Names and defaults, without annotations, which change more often than they matter."""
    signature = inspect.signature(function)
    parameters = [
        each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def _not_as_expected(owner: object, name: str, what: str) -> PatchError:
    named = owner if inspect.ismodule(owner) or inspect.isclass(owner) else type(owner)
    module = named.__name__ if inspect.ismodule(named) else f"{named.__module__}.{named.__name__}"
    package = module.partition(".")[0]
    try:
        release = f"{package} {version(package)}"
    except PackageNotFoundError:
        release = package
    return PatchError(
        f"{module}.{name} {what}. A patch relies on it, and {release} is installed: install the "
        "pinned version, or adapt the patch"
    )
