"""Gradio writes a type stub beside the source of each component, at every import: a quarter of the
page's start, for files that its wheel already has. It is not asked whether it should.

Import this before gradio: its components are made while it is imported.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from ddpm.patching import patch

MODULE = "gradio.component_meta"


class _WithoutStubs(Loader):
    """Loads the module as its own loader does, and then changes it."""

    def __init__(self, own: Loader):
        self.own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.own.exec_module(module)
        signature = "(component_class, class_name, events)"
        patch(module, "create_or_modify_pyi", lambda *_: None, signature)


class _Finder(PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None) -> ModuleSpec | None:
        spec = super().find_spec(fullname, path, target) if fullname == MODULE else None
        if spec and spec.loader:
            spec.loader = _WithoutStubs(spec.loader)
        return spec


sys.meta_path.insert(0, _Finder)
