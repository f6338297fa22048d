"""Which fields of structs are read meanwhile, to compare with what a rule says it looks at."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine


@contextmanager
def fields_read(machine: Machine) -> Iterator[list[tuple[Any, str]]]:
    """The structs and fields, filled as they are read."""
    found: list[tuple[Any, str]] = []

    def noting(target: object, name: str) -> Any:
        if not name.startswith("_"):
            found.append((target, name))
        return object.__getattribute__(target, name)

    with pytest.MonkeyPatch.context() as patch:
        for made in {type(one) for one in machine.memory.heap.values() if one is not None}:
            patch.setattr(made, "__getattribute__", noting, raising=False)
        yield found
