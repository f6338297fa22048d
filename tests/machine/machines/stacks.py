"""Two threads that take turns on a CPU by changing stacks, as a kernel's threads do."""

from __future__ import annotations

from typing import Any

from exittui.machine.lang import free, load_stack, new_stack, stack_pointer, struct, variable


class stack(struct):
    sp: Any = None


class thread(struct):
    name: str = ""
    area: stack | None = None
    turns: int = 0

    def label(self) -> str:
        return self.name


current: thread | None = variable(None)


def switch(new: thread) -> None:
    """Leave the current thread's stack for that of `new`; return when someone switches back."""
    global current
    assert current is not None
    assert current.area is not None
    current.area.sp = stack_pointer()
    assert new.area is not None
    load_stack(new.area.sp)
    current = new


def body(me: thread, other: thread, turns: int) -> None:
    """Count, let the other one run, and again."""
    while me.turns < turns:
        me.turns += 1
        switch(other)


def spawn(name: str) -> thread:
    """A thread with a stack and nothing on it."""
    area = stack()
    return thread(name=name, area=area)


def prepare(me: thread, other: thread, turns: int) -> Any:
    """Make `body` what the thread runs first."""
    assert me.area is not None
    me.area.sp = new_stack(me.area, body, me, other, turns)
    return me.area.sp


def murder(victim: thread) -> None:
    """Free the stack of a thread, whether it stands on it or not."""
    assert victim.area is not None
    free(victim.area)
