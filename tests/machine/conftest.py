"""Modules of machine code made from text, for tests of the compiler and the linker."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import textwrap
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

PRELUDE = '''\
"""kern/{name}.c 1.1: made for a test."""
from __future__ import annotations
from typing import Any, cast
from exittui.machine.lang import *
from exittui.machine.lang import KASSERT, addr, address, atomic_cas, cpus, embed, free, halt, macro
from exittui.machine.lang import panic, spin, struct, this_cpu, usermode, variable
from exittui.machine.queue import LINK, LIST_FIRST, LIST_FOREACH, LIST_FOREACH_SAFE, LIST_HEAD
from exittui.machine.queue import LIST_INSERT_HEAD, LIST_REMOVE, TAILQ_FIRST, TAILQ_FOREACH
from exittui.machine.queue import TAILQ_FOREACH_SAFE, TAILQ_HEAD, TAILQ_INSERT_TAIL, TAILQ_REMOVE
'''
PRELUDE_LINES = PRELUDE.count("\n")


class MakeModule(Protocol):
    """Makes a module of machine code out of its text."""

    def __call__(self, text: str, name: str = "code") -> ModuleType:
        """The module; a line number of the text is PRELUDE_LINES smaller than in the file."""
        ...


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeModule]:
    """Make modules of machine code; they are forgotten after the test."""
    made: list[str] = []
    numbers = itertools.count()

    def module(text: str, name: str = "code") -> ModuleType:
        package = f"made{next(numbers)}"
        path = tmp_path / package / f"{name}.py"
        path.parent.mkdir()
        path.write_text(PRELUDE.format(name=name) + textwrap.dedent(text), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(f"{package}.{name}", path)
        assert spec
        assert spec.loader
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = loaded
        made.append(spec.name)
        spec.loader.exec_module(loaded)
        return loaded

    yield module
    for name in made:
        del sys.modules[name]
