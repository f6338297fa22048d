"""In what two kernels differ: functions, macros, structs and variables, with the text of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from exittui.errors import UsageError, did_you_mean
from exittui.kernel.definitions import defined, kernel

if TYPE_CHECKING:
    from exittui.kernel.definitions import Definition


@frozen
class Change:
    """One name that two kernels mean differently: `changed`, `added` or `removed`."""

    name: str
    kind: str
    how: str
    old: Definition | None
    new: Definition | None

    @property
    def fields_added(self) -> tuple[str, ...]:
        """The fields of a struct that only the second kernel has."""
        return _less(self.new, self.old)

    @property
    def fields_removed(self) -> tuple[str, ...]:
        """The fields of a struct that only the first kernel has."""
        return _less(self.old, self.new)


def difference(first: str, second: str, function: str | None = None) -> tuple[Change, ...]:
    """All changes from one kernel to another, or what becomes of one name.

    Raises UsageError for kernels and names that do not exist. A name that is the same in both is
    no change: then there is none.
    """
    old, new = defined(kernel(first)), defined(kernel(second))
    names = list(dict.fromkeys([*old, *new]))
    if function is not None:
        function = function.removesuffix("()")
        if function not in names:
            hint = did_you_mean(function, names)
            raise UsageError(f"neither {first} nor {second} has {function!r}{hint}")
        names = [function]
    changes = (_change(name, old.get(name), new.get(name)) for name in names)
    return tuple(sorted((one for one in changes if one is not None), key=_place))


def _change(name: str, old: Definition | None, new: Definition | None) -> Change | None:
    one = new or old
    if one is None or (old is not None and new is not None and old.shape == new.shape):
        return None
    how = "changed" if old and new else "added" if new else "removed"
    return Change(name, one.kind, how, old, new)


def _place(change: Change) -> tuple[str, int]:
    """By file, and within a file in the order of the first kernel's."""
    one = change.old or change.new
    return (one.source.upstream, one.line) if one is not None else ("", 0)


def _less(one: Definition | None, other: Definition | None) -> tuple[str, ...]:
    if one is None:
        return ()
    gone = () if other is None else other.fields
    return tuple(name for name in one.fields if name not in gone)
