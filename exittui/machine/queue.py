"""Linked queues: the lists and tail queues of queue(3), each operation one step.

The pointers are real. A link field holds `None` while its struct is on no queue by that field, and
`(previous, next)` while it is; the first element's previous is the head itself. So a freed
neighbour is touched, and caught, exactly where the kernel would touch it. What C leaves to chance,
removing what is not linked and linking twice, is `Corrupted` here.

The functions below are called by compiled code with the machine's journal before the arguments
that a module of machine code writes; the compiler takes the signatures it shows to people from
`exittui.machine.queue` as they stand in the `if TYPE_CHECKING` part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from exittui.machine.lang import struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

# A link as a module of machine code declares it: `p_list: LINK[proc] = None`.
LINK = tuple[T | Any, T | None] | None


class Corrupted(Exception):  # noqa: N818 - what happened, not a program error
    """A queue operation on a link that is not in the state the operation needs."""

    def __init__(self, operation: str, element: struct, field: str, state: str) -> None:
        super().__init__(f"{operation}: {field} of {{}} {state}")
        self.element = element


class TAILQ_HEAD(struct, Generic[T]):  # noqa: N801 - the kernel's name
    """The head of a tail queue."""

    tqh_first: Any = None
    tqh_last: Any = None


class LIST_HEAD(struct, Generic[T]):  # noqa: N801 - the kernel's name
    """The head of a list."""

    lh_first: Any = None


Journal = "Callable[[tuple[Any, ...]], None]"


def _set(journal: Any, target: struct, field: str, value: object) -> None:
    journal((target.__dict__, field, getattr(target, field)))
    setattr(target, field, value)


def _set_previous(journal: Any, element: struct, field: str, previous: object) -> None:
    _set(journal, element, field, (previous, getattr(element, field)[1]))


def _set_next(journal: Any, previous: Any, first: str, field: str, value: object) -> None:
    """Make `value` follow `previous`, which is an element or the head."""
    if isinstance(previous, (TAILQ_HEAD, LIST_HEAD)):
        _set(journal, previous, first, value)
    else:
        _set(journal, previous, field, (getattr(previous, field)[0], value))


def _unlinked(operation: str, element: struct, field: str) -> None:
    if getattr(element, field) is not None:
        raise Corrupted(operation, element, field, "is linked already")


def _linked(operation: str, element: struct, field: str) -> tuple[Any, Any]:
    link: tuple[Any, Any] | None = getattr(element, field)
    if link is None:
        raise Corrupted(operation, element, field, "is on no queue")
    return link


def _tailq_insert_tail(journal: Any, head: Any, element: Any, field: str) -> None:
    _unlinked("TAILQ_INSERT_TAIL", element, field)
    last = head.tqh_last
    previous = head if last is None else last
    _set_next(journal, previous, "tqh_first", field, element)
    _set(journal, element, field, (previous, None))
    _set(journal, head, "tqh_last", element)


def _tailq_insert_head(journal: Any, head: Any, element: Any, field: str) -> None:
    _unlinked("TAILQ_INSERT_HEAD", element, field)
    first = head.tqh_first
    _set(journal, element, field, (head, first))
    if first is None:
        _set(journal, head, "tqh_last", element)
    else:
        _set_previous(journal, first, field, element)
    _set(journal, head, "tqh_first", element)


def _tailq_insert_before(journal: Any, successor: Any, element: Any, field: str) -> None:
    _unlinked("TAILQ_INSERT_BEFORE", element, field)
    previous = _linked("TAILQ_INSERT_BEFORE", successor, field)[0]
    _set(journal, element, field, (previous, successor))
    _set_previous(journal, successor, field, element)
    _set_next(journal, previous, "tqh_first", field, element)


def _tailq_remove(journal: Any, head: Any, element: Any, field: str) -> None:
    previous, following = _linked("TAILQ_REMOVE", element, field)
    if following is None:
        if head.tqh_last is not element:
            raise Corrupted("TAILQ_REMOVE", element, field, "is on another queue")
        _set(journal, head, "tqh_last", None if previous is head else previous)
    else:
        _set_previous(journal, following, field, previous)
    _set_next(journal, previous, "tqh_first", field, following)
    _set(journal, element, field, None)


def _list_insert_head(journal: Any, head: Any, element: Any, field: str) -> None:
    _unlinked("LIST_INSERT_HEAD", element, field)
    first = head.lh_first
    _set(journal, element, field, (head, first))
    if first is not None:
        _set_previous(journal, first, field, element)
    _set(journal, head, "lh_first", element)


def _list_insert_after(journal: Any, predecessor: Any, element: Any, field: str) -> None:
    _unlinked("LIST_INSERT_AFTER", element, field)
    previous, following = _linked("LIST_INSERT_AFTER", predecessor, field)
    _set(journal, element, field, (predecessor, following))
    if following is not None:
        _set_previous(journal, following, field, element)
    _set(journal, predecessor, field, (previous, element))


def _list_remove(journal: Any, element: Any, field: str) -> None:
    previous, following = _linked("LIST_REMOVE", element, field)
    if following is not None:
        _set_previous(journal, following, field, previous)
    _set_next(journal, previous, "lh_first", field, following)
    _set(journal, element, field, None)


def _next(element: Any, field: str) -> Any:
    return _linked("NEXT", element, field)[1]


#: What the compiler puts in the place of each name; the first group writes, the second reads.
WRITERS: dict[str, Callable[..., None]] = {
    "TAILQ_INSERT_TAIL": _tailq_insert_tail,
    "TAILQ_INSERT_HEAD": _tailq_insert_head,
    "TAILQ_INSERT_BEFORE": _tailq_insert_before,
    "TAILQ_REMOVE": _tailq_remove,
    "LIST_INSERT_HEAD": _list_insert_head,
    "LIST_INSERT_AFTER": _list_insert_after,
    "LIST_REMOVE": _list_remove,
}
#: Those that are told the element beside which to insert, not the head.
BESIDE = ("TAILQ_INSERT_BEFORE", "LIST_INSERT_AFTER")
READERS = {
    "TAILQ_FIRST": "({0}).tqh_first",
    "TAILQ_EMPTY": "(({0}).tqh_first is None)",
    "TAILQ_NEXT": "_queue_next({0}, {1})",
    "LIST_FIRST": "({0}).lh_first",
    "LIST_EMPTY": "(({0}).lh_first is None)",
    "LIST_NEXT": "_queue_next({0}, {1})",
}
#: The loops: which field of the head starts it, and whether the body may unlink the element.
LOOPS = {
    "TAILQ_FOREACH": ("tqh_first", False),
    "TAILQ_FOREACH_SAFE": ("tqh_first", True),
    "LIST_FOREACH": ("lh_first", False),
    "LIST_FOREACH_SAFE": ("lh_first", True),
}


def walk(head: Any, field: str) -> Iterator[Any]:
    """The elements of a queue, first to last, for Python that looks at a machine."""
    element = head.tqh_first if isinstance(head, TAILQ_HEAD) else head.lh_first
    while element is not None:
        yield element
        element = getattr(element, field)[1]


if TYPE_CHECKING:

    def TAILQ_INSERT_TAIL(head: TAILQ_HEAD[T], elm: T, field: str) -> None: ...  # noqa: N802
    def TAILQ_INSERT_HEAD(head: TAILQ_HEAD[T], elm: T, field: str) -> None: ...  # noqa: N802
    def TAILQ_INSERT_BEFORE(listelm: T, elm: T, field: str) -> None: ...  # noqa: N802
    def TAILQ_REMOVE(head: TAILQ_HEAD[T], elm: T, field: str) -> None: ...  # noqa: N802
    def TAILQ_FIRST(head: TAILQ_HEAD[T]) -> T | Any: ...  # noqa: N802
    def TAILQ_EMPTY(head: TAILQ_HEAD[T]) -> bool: ...  # noqa: N802
    def TAILQ_NEXT(elm: T, field: str) -> T | Any: ...  # noqa: N802
    def TAILQ_FOREACH(head: TAILQ_HEAD[T], field: str) -> Iterator[T]: ...  # noqa: N802
    def TAILQ_FOREACH_SAFE(head: TAILQ_HEAD[T], field: str) -> Iterator[T]: ...  # noqa: N802
    def LIST_INSERT_HEAD(head: LIST_HEAD[T], elm: T, field: str) -> None: ...  # noqa: N802
    def LIST_INSERT_AFTER(listelm: T, elm: T, field: str) -> None: ...  # noqa: N802
    def LIST_REMOVE(elm: object, field: str) -> None: ...  # noqa: N802
    def LIST_FIRST(head: LIST_HEAD[T]) -> T | Any: ...  # noqa: N802
    def LIST_EMPTY(head: LIST_HEAD[T]) -> bool: ...  # noqa: N802
    def LIST_NEXT(elm: T, field: str) -> T | Any: ...  # noqa: N802
    def LIST_FOREACH(head: LIST_HEAD[T], field: str) -> Iterator[T]: ...  # noqa: N802
    def LIST_FOREACH_SAFE(head: LIST_HEAD[T], field: str) -> Iterator[T]: ...  # noqa: N802
else:

    def _compiled(name: str) -> Callable[..., Any]:
        def never(*_: object) -> None:
            raise TypeError(f"{name}() is compiled, never called")

        never.__name__ = name
        never.__dict__["_exittui_queue"] = name
        return never

    for _name in (*WRITERS, *READERS, *LOOPS):
        globals()[_name] = _compiled(_name)
