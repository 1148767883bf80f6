"""The guard around every patch: a missing or changed target is an error, never ignored."""

import types

import pytest

from ddpm.patching import PatchError, expect, expect_callable, patch


class Target:
    size = 3

    def act(self, key: int, value: str | None = None, *rest, **more) -> bool: ...


@pytest.fixture
def target():
    return type("Target", (), dict(vars(Target)))


def test_an_expected_target_is_replaced(target):
    @patch(target, "act")
    def replacement(self, key, value=None, *rest, **more):
        return "replaced"

    assert target().act(1) == "replaced"


def test_a_function_of_a_module_is_replaced():
    module = types.ModuleType("m")
    exec("async def f(url): ...", vars(module))
    replacement = patch(module, "f")(lambda url: None)
    assert module.f is replacement


def test_a_renamed_target_is_an_error(target):
    with pytest.raises(PatchError, match=r"Target\.acted is missing"):
        patch(target, "acted")(Target.act)
    assert not hasattr(target, "acted")


@pytest.mark.parametrize(
    "replacement",
    [
        lambda self, key: None,
        lambda self, key, value, *rest, **more: None,
        lambda self, value, key=None, *rest, **more: None,
    ],
)
def test_another_signature_is_an_error(target, replacement):
    before = target.act
    with pytest.raises(PatchError, match=r"takes \(self, key, value=None, \*rest, \*\*more\)"):
        patch(target, "act")(replacement)
    assert target.act is before


def test_a_target_that_is_not_a_function_is_an_error(target):
    with pytest.raises(PatchError, match="size is not a function"):
        expect_callable(target, "size", "()")


def test_an_attribute_must_have_the_expected_type(target):
    assert expect(target(), "size", int) == 3
    with pytest.raises(PatchError, match="size is of type int where dict is expected"):
        expect(target(), "size", dict)
    with pytest.raises(PatchError, match=r"Target\.length is missing"):
        expect(target(), "length", int)


def test_the_message_names_the_installed_version():
    import numpy

    with pytest.raises(PatchError, match=rf"numpy {numpy.__version__} is installed"):
        expect(numpy.linalg, "no_such_thing", object)
