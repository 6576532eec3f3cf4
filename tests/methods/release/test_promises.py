"""Each public function says what it takes, gives and raises, and whether what it gives may be published."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType

import pytest

import naungan.methods.release as package

_SAFE = re.compile(
    r"publish|public\b|stays? inside|not depend on data|never to leave|may go out|No data is looked at", re.I
)


def functions() -> Iterator[tuple[str, FunctionType]]:
    for found in pkgutil.iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{found.name}")
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                yield f"{found.name}.{name}", value


@pytest.mark.parametrize(("name", "function"), [pytest.param(*each, id=each[0]) for each in functions()])
def test_public_function_states_its_promise(name: str, function: FunctionType) -> None:
    said = inspect.getdoc(function) or ""
    signature = inspect.signature(function)

    assert _SAFE.search(said), f"{name} does not say whether its output may be published"
    assert "Args:" in said or not signature.parameters, name
    assert "Returns:" in said or signature.return_annotation in (None, "None"), name
