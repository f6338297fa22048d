"""What the ledger and the difference of two kernels say is what is linked."""

from __future__ import annotations

import pytest

from exittui.errors import UsageError
from exittui.kernel.catalog import KERNELS, link_kernel
from exittui.kernel.definitions import defined, simplified
from exittui.kernel.difference import difference
from exittui.kernel.ledger import ledger


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_ledger_has_exactly_the_functions_that_are_linked(kernel: str) -> None:
    image = link_kernel(kernel)
    told = {
        entry.name: (file.upstream, file.revision, file.hunk or None)
        for file in ledger(kernel)
        for entry in file.entries
        if entry.kind == "function"
    }
    assert told == {
        function.name: (function.upstream, function.revision, function.patch)
        for function in image.functions.values()
    }


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_definitions_are_what_is_linked(kernel: str) -> None:
    image = link_kernel(kernel)
    kinds: dict[str, set[str]] = {}
    fields = {}
    for name, one in defined(KERNELS[kernel]).items():
        kinds.setdefault(one.kind, set()).add(name)
        if one.kind == "struct":
            fields[name] = set(one.fields)
    assert kinds["function"] == set(image.functions)
    assert kinds["variable"] <= set(image.variables)
    for name in sorted(kinds["struct"]):
        gone = {field for owner, field in image.removed_fields if owner == name}
        assert fields[name] <= set(image.structs[name].fields) - gone


def test_every_function_says_what_it_is_and_every_file_what_it_models() -> None:
    for file in ledger():
        assert file.title, file.file
        assert "/" in file.upstream, file.file
        assert file.revision, file.file
        for entry in file.entries:
            assert entry.what, f"{entry.name} in {file.file}"


def test_the_kernels_a_function_differs_in() -> None:
    (file,) = [file for file in ledger(wanted=["exit2"]) if not file.hunk]
    (entry,) = file.entries
    assert [(one.kernel, one.how, one.hunk) for one in entry.differs][:2] == [
        ("mpi-2025-05", "removed", "kern/kern_exit.c"),
        ("mpi-switch", "removed", "kern/kern_exit.c"),
    ]
    (file,) = [file for file in ledger(wanted=["cpu_switchto()"]) if not file.hunk]
    (entry,) = file.entries
    assert ("mpi-2025-05", "replaced") in [(one.kernel, one.how) for one in entry.differs]
    assert "reaper" not in [one.kernel for one in entry.differs]


def test_files_are_found_with_and_without_their_folder() -> None:
    for name in ("locore.S", "arch/amd64/amd64/locore.S", "arch/amd64/locore.py"):
        base = ledger(wanted=[name])[0]
        assert [entry.name for entry in base.entries][:1] == ["cpu_switchto"]


def test_what_is_simplified_is_a_paragraph_of_the_docstring() -> None:
    doc = "What it is.\n\nSimplified: one\nthing.\n\nAnother matter.\nSimplified: and more."
    assert simplified(doc) == ("one thing.", "and more.")
    assert simplified("It is.\n\nIt could be simplified: no.") == ()


def test_a_kernel_does_not_differ_from_itself() -> None:
    for kernel in KERNELS:
        assert difference(kernel, kernel) == ()


def test_the_difference_of_two_kernels_is_that_of_their_images() -> None:
    old, new = link_kernel("reaper"), link_kernel("mpi-2025-05")
    changes = difference("reaper", "mpi-2025-05")
    how = {one.name: one.how for one in changes if one.kind == "function"}
    assert {name for name in how if how[name] == "removed"} == set(old.functions) - set(
        new.functions
    )
    assert {name for name in how if how[name] == "added"} == set(new.functions) - set(old.functions)
    replaced = {name for name, function in new.functions.items() if function.patch}
    assert {name for name in how if how[name] == "changed"} <= replaced
    assert how["exit1"] == "changed"
    (struct,) = [one for one in changes if one.name == "process"]
    assert struct.fields_removed == ("ps_mainproc",)


def test_there_and_back_is_the_same_the_other_way_round() -> None:
    names = {one.name: one.how for one in difference("reaper", "cludwig-2025-09")}
    back = {one.name: one.how for one in difference("cludwig-2025-09", "reaper")}
    other = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {name: other[how] for name, how in back.items()} == names


def test_names_that_do_not_exist_are_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no kernel 'repear'; did you mean 'reaper'"):
        ledger("repear")
    with pytest.raises(UsageError, match="no function or file 'exit11' in the ledger; did you"):
        ledger(wanted=["exit11"])
    with pytest.raises(UsageError, match="no kernel 'mpi'"):
        difference("reaper", "mpi")
    with pytest.raises(UsageError, match="neither reaper nor mpi-switch has 'exit11'; did you"):
        difference("reaper", "mpi-switch", "exit11")
