"""Gradio writes a type stub beside the source of each component, at every import: a quarter of the
page's start, for files that its wheel already has. It is not asked whether it should.

Import this before gradio: its components are made while it is imported.
"""

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from ddpm.patching import patch

MODULE = "gradio.component_meta"


class _Finder(PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None) -> ModuleSpec | None:
        spec = super().find_spec(fullname, path, target) if fullname == MODULE else None
        if spec and spec.loader:
            loader: Any = spec.loader
            execute = loader.exec_module

            def without_stubs(module: ModuleType) -> None:
                execute(module)

                @patch(module, "create_or_modify_pyi")
                def write_nothing(component_class, class_name, events) -> None: ...

            loader.exec_module = without_stubs
        return spec


sys.meta_path.insert(0, _Finder)
