"""The queues of queue(3) against Python lists, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exittui.machine import walk
from exittui.machine.lang import struct
from exittui.machine.queue import LINK, LIST_HEAD, TAILQ_HEAD, WRITERS, Corrupted


class elm(struct):  # noqa: N801 - a struct
    """An element that can be on two queues at once."""

    number: int = 0
    f: LINK[elm] = None
    g: LINK[elm] = None


def head(kind: type[struct]) -> Any:
    """An empty queue."""
    made = kind()
    made.__dict__.update(kind.fields)
    return made


def element(number: int) -> Any:
    """An element on no queue."""
    made = elm()
    made.__dict__.update({"number": number, "f": None, "g": None})
    return made


def do(name: str, *args: object) -> None:
    """A queue operation, its journal thrown away."""
    WRITERS[name]([].extend, *args)


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["tail", "head", "before", "remove"]), st.integers(0, 7)), max_size=40
)


@given(OPERATIONS)
def test_a_tail_queue_is_a_list(operations: list[tuple[str, int]]) -> None:
    """Any operations in any order leave what they leave in a Python list; the links agree."""
    queue, model = head(TAILQ_HEAD), list[Any]()
    elements = [element(number) for number in range(8)]
    for operation, number in operations:
        one = elements[number]
        if operation == "remove" and one in model:
            do("TAILQ_REMOVE", queue, one, "f")
            model.remove(one)
        elif operation == "before" and model and one not in model:
            do("TAILQ_INSERT_BEFORE", model[0], one, "f")
            model.insert(0, one)
        elif operation in ("tail", "head") and one not in model:
            do(f"TAILQ_INSERT_{operation.upper()}", queue, one, "f")
            model.insert(len(model) if operation == "tail" else 0, one)
        assert model == list(walk(queue, "f"))
        assert queue.tqh_last is (model[-1] if model else None)
        assert [queue, *model][: len(model)] == [one.f[0] for one in model]


@given(OPERATIONS)
def test_a_list_is_a_list(operations: list[tuple[str, int]]) -> None:
    """As above, for lists, whose elements are removed without naming the head."""
    queue, model = head(LIST_HEAD), list[Any]()
    elements = [element(number) for number in range(8)]
    for operation, number in operations:
        one = elements[number]
        if operation == "remove" and one in model:
            do("LIST_REMOVE", one, "f")
            model.remove(one)
        elif operation == "before" and model and one not in model:
            do("LIST_INSERT_AFTER", model[number % len(model)], one, "f")
            model.insert(number % len(model) + 1, one)
        elif one not in model:
            do("LIST_INSERT_HEAD", queue, one, "f")
            model.insert(0, one)
        assert model == list(walk(queue, "f"))
        assert [queue, *model][: len(model)] == [one.f[0] for one in model]


def test_an_element_can_be_on_one_queue_by_each_link() -> None:
    """The links are apart: that is how one struct is on several lists."""
    first, second, one = head(TAILQ_HEAD), head(LIST_HEAD), element(1)
    do("TAILQ_INSERT_TAIL", first, one, "f")
    do("LIST_INSERT_HEAD", second, one, "g")
    do("TAILQ_REMOVE", first, one, "f")
    assert ([], [one]) == (list(walk(first, "f")), list(walk(second, "g")))


def test_linking_twice_and_removing_what_is_not_linked_are_caught() -> None:
    """What corrupts memory in C is said here, with the element and the link."""
    first, second, one, other = head(TAILQ_HEAD), head(TAILQ_HEAD), element(1), element(2)
    do("TAILQ_INSERT_TAIL", first, one, "f")
    with pytest.raises(Corrupted, match=r"TAILQ_INSERT_HEAD: f of \{\} is linked already"):
        do("TAILQ_INSERT_HEAD", second, one, "f")
    with pytest.raises(Corrupted, match=r"TAILQ_REMOVE: f of \{\} is on no queue"):
        do("TAILQ_REMOVE", first, other, "f")
    with pytest.raises(Corrupted, match=r"TAILQ_REMOVE: f of \{\} is on another queue"):
        do("TAILQ_REMOVE", second, one, "f")
    with pytest.raises(Corrupted, match=r"LIST_REMOVE: f of \{\} is on no queue"):
        do("LIST_REMOVE", other, "f")
