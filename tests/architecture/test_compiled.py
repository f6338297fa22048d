"""What is compiled (see `hatch_build.py`) is there, and is no more than the search."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "hatch_build.py"


def compiled() -> list[str]:
    """The modules that the build compiles; it is read, for what it imports is not installed."""
    for node in ast.walk(ast.parse(BUILD.read_text(encoding="utf-8"))):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "COMPILED":
            assert node.value is not None
            return list(ast.literal_eval(node.value))
    raise AssertionError("no COMPILED")


def test_each_module_that_is_compiled_is_there() -> None:
    names = compiled()
    assert names == sorted(set(names))
    assert [name for name in names if not (ROOT / f"exittui/checker/{name}.py").is_file()] == []


def test_none_of_them_sets_what_it_then_asks_a_call_for() -> None:
    """`x.y = None` is believed until the next line that says otherwise: mypy sees no further.

    A compiled module does as it believes, so that only an object itself clears its fields.
    """
    for name in compiled():
        tree = ast.parse((ROOT / f"exittui/checker/{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Assign) or ast.unparse(node.value) != "None":
                continue
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    assert ast.unparse(target.value) == "self", (name, ast.unparse(node))
