"""Patches over a base, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.errors import LinkError
from exittui.machine import Machine, Patch, RoundRobin, link, store
from exittui.machine.linker import linking
from exittui.machine.slices import whole
from tests.machine.machines import buffer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.machine.conftest import MakeModule

BASE = """
class thing(struct):
    old: int = 1
    kept: int = 2

helpers: int = variable(1)

@macro
def BONUS() -> int:
    return 100

def helper(x: int) -> int:
    return x + BONUS()

def main(x: int) -> int:
    t = thing()
    return helper(x + t.kept)
"""


def test_a_patch_replaces_by_name(make: MakeModule) -> None:
    """A function and a macro of the patch are used by functions of the base."""
    base = make(BASE)
    patch = make(
        "@macro\ndef BONUS() -> int:\n    return 5\n"
        "def helper(x: int) -> int:\n    return x * BONUS()\n"
    )
    plain = Machine(link("base", [base])).call("main", 1)
    patched = link("patched", [base], [Patch("h.c", patch)])
    assert (plain, Machine(patched).call("main", 1)) == (103, 15)
    assert patched.functions["helper"].patch == "h.c"
    assert patched.functions["main"].patch is None


def test_who_links_slice_by_slice_has_a_turn_after_every_function(make: MakeModule) -> None:
    text = "".join(f"def f{n}() -> None:\n    return None\n\n" for n in range(20))
    module = make(text)
    assert len(list(linking("test", [module]))) >= 20
    assert whole(linking("test", [module])).source == link("test", [module]).source


def test_a_removed_function_that_is_needed_names_the_hunk_and_who_needs_it(
    make: MakeModule,
) -> None:
    """The base's main() still calls what the hunk takes away."""
    base, patch = make(BASE), make('REMOVES = ("helper",)')
    with pytest.raises(LinkError) as caught:
        link("test", [base], [Patch("kern_x.c", patch)])
    assert "main() needs helper(); hunk kern_x.c removes it" in caught.value.message


def test_one_hunk_that_needs_another_says_so(make: MakeModule) -> None:
    """A hunk's function calls what another hunk removes: both are named."""
    base = make(BASE)
    user = make("def main(x: int) -> int:\n    return helper(x)\ndef helper(x: int) -> int: ...\n")
    with pytest.raises(LinkError) as caught:
        link("test", [base], [Patch("a.c", user), Patch("b.c", make('REMOVES = ("helper",)'))])
    assert "main() needs helper() (in hunk a.c); hunk b.c removes it" in caught.value.message


def test_a_removed_field_that_is_used_is_an_error(make: MakeModule) -> None:
    """A field goes with its hunk; whoever still uses it cannot be linked."""
    base, patch = make(BASE), make('REMOVES = ("thing.kept",)')
    with pytest.raises(LinkError, match=r"uses the field kept.*hunk proc\.h removes it"):
        link("test", [base], [Patch("proc.h", patch)])


def test_a_removed_field_is_not_there(make: MakeModule) -> None:
    """Removing what nobody uses leaves structs without it."""
    image = link("test", [make(BASE)], [Patch("proc.h", make('REMOVES = ("thing.old",)'))])
    machine = Machine(image)
    assert machine.memory.fields(machine.memory.allocate("thing", {})) == {"kept": 2}


def test_removing_what_is_not_there_is_an_error(make: MakeModule) -> None:
    """A patch that no longer fits its base says so."""
    with pytest.raises(LinkError, match="REMOVES names nobody, which nothing defines"):
        link("test", [make(BASE)], [Patch("a.c", make('REMOVES = ("nobody",)'))])


def test_a_missing_function_is_an_error(make: MakeModule) -> None:
    """A name that is imported for the type checker and never linked."""
    base = make(BASE)
    user = make(f"from {base.__name__} import helper\ndef go() -> int:\n    return helper(1)\n")
    with pytest.raises(LinkError, match=r"go\(\) needs helper\(\); nothing defines it"):
        link("test", [user])


def test_an_image_kept_on_disk_runs_like_the_one_linked(tmp_path: Path) -> None:
    """Save, load, run: the same statements, the same states."""
    image = link("buffer", [buffer])
    store.save(image, tmp_path / "kept")
    kept = store.load(tmp_path / "kept")
    assert kept
    assert kept.statements == image.statements
    ends = []
    for each in (image, kept):
        machine = Machine(each, 2)
        machine.begin(0, "produce", 1, 3, 2)
        machine.begin(1, "consume", 3)
        machine.start()
        ends.append((machine.run(RoundRobin(), 1000), machine.fingerprint()))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("damage", [b"", b"\0" * 8, b"\xff" * 100, b"\0\0\0\0\0\0\0\1x"])
def test_a_damaged_image_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    """Whatever stands in the file, loading it comes back with nothing, not with an error."""
    (tmp_path / "kept").write_bytes(damage)
    assert store.load(tmp_path / "kept") is None
    assert store.load(tmp_path / "absent") is None


def test_the_key_changes_with_the_sources(tmp_path: Path) -> None:
    """Another word, another file or another content: another key."""
    (tmp_path / "a.py").write_text("1")
    first = store.key((tmp_path,), "k")
    assert first == store.key((tmp_path,), "k")
    assert first != store.key((tmp_path,), "k", "without")
    (tmp_path / "a.py").write_text("12")
    assert first != store.key((tmp_path,), "k")
