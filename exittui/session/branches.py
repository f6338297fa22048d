"""The tree of branches: what was recorded and left is kept, and can be gone back to.

A run depends on its choices alone, so a branch is a parent, the position at which it leaves it,
and the choices from there on. The machine holds the one branch that one is on; the others are
played again when one switches to them. Choosing what another branch has at the same place leads
onto that branch instead of making a second one like it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from attrs import define

from exittui.errors import UsageError
from exittui.machine import Schedule, Scripted
from exittui.session.views_moving import BranchView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.machine import Machine

MAIN: Final = "main"


@define(eq=False)
class Branch:
    """One branch; while one is on it, what it records is in the machine and not in `tail`."""

    number: int
    name: str
    parent: Branch | None
    at: int
    tail: array[int]
    position: int = 0


class Branches:
    """All branches of one session, of which one is current."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.current = Branch(1, MAIN, None, 0, array("B"))
        self._all = [self.current]
        self.note = ""
        """What happened to the branches in the last move, for the person to know."""

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    # -- leaving and switching -----------------------------------------------------------------

    def leave(self, choice: int) -> None:
        """The next step, `choice`, is not the recorded one: keep what is recorded, and branch."""
        machine = self._machine
        position = machine.position
        kept = self.current
        self._keep()
        line = self.line(kept)
        other = self._with(line[:position], choice)
        if other is not None:
            self._play(other)
            machine.goto(position)
            self.current = other
            self.note = f"back on branch {other.name}"
            return
        parent: Branch = kept
        while position <= parent.at and parent.parent is not None:
            parent = parent.parent
        made = Branch(self._free_number(), "", parent, position, array("B"), position)
        made.name = f"branch-{made.number}"
        self._all.append(made)
        self.current = made
        left = machine.recorded - position
        plural = "" if left == 1 else "s"
        self.note = f"{made.name} begins; {kept.name} keeps the other {left} step{plural}"

    def _free_number(self) -> int:
        return max(branch.number for branch in self._all) + 1

    def _keep(self) -> None:
        """Take what the current branch has recorded out of the machine."""
        machine, branch = self._machine, self.current
        branch.tail = machine.recorded_schedule().picks[branch.at :]
        branch.position = machine.position

    def _with(self, prefix: array[int], choice: int) -> Branch | None:
        """A branch that goes on from here with that choice."""
        here = len(prefix)
        for branch in self._all:
            if branch is self.current:
                continue
            line = self.line(branch)
            if len(line) > here and line[here] == choice and line[:here] == prefix:
                return branch
        return None

    def line(self, branch: Branch) -> array[int]:
        """All choices of a branch, from the start of the run."""
        tail = branch.tail
        if branch is self.current:
            tail = self._machine.recorded_schedule().picks[branch.at :]
        if branch.parent is None:
            return tail[:]
        return self.line(branch.parent)[: branch.at] + tail

    def _play(self, branch: Branch) -> None:
        """Have the machine record a branch, to its end."""
        machine = self._machine
        wanted = self.line(branch)
        here = machine.recorded_schedule().picks
        shared = common(wanted, here)
        machine.goto(shared)
        machine.forget_future()
        machine.run(Scripted(Schedule(wanted[shared:])), len(wanted) - shared)

    def switch(self, branch: Branch) -> None:
        """Go to where one left a branch."""
        if branch is self.current:
            raise UsageError(f"this is branch {branch.name}")
        self._keep()
        self._play(branch)
        self.current = branch
        self._machine.goto(min(branch.position, self._machine.recorded))

    # -- by name -------------------------------------------------------------------------------

    def find(self, word: str) -> Branch:
        """The branch of this name or number."""
        for branch in self._all:
            if word in (branch.name, str(branch.number)):
                return branch
        names = ", ".join(branch.name for branch in self._all)
        raise UsageError(f"no branch {word!r}: there are {names}")

    def rename(self, branch: Branch, name: str) -> None:
        """Give a branch a name of its own."""
        if not name.replace("-", "").replace("_", "").isalnum() or name[0].isdigit():
            raise UsageError(f"{name!r} is no name: letters, digits, - and _, a letter first")
        if any(other.name == name for other in self._all if other is not branch):
            raise UsageError(f"there is a branch {name!r} already")
        branch.name = name

    def remove(self, branch: Branch) -> None:
        """Forget a branch that nothing hangs from."""
        if branch is self.current:
            raise UsageError("one cannot drop the branch one is on")
        children = [one.name for one in self._all if one.parent is branch]
        if children:
            raise UsageError(f"{', '.join(children)} would hang in the air")
        self._all.remove(branch)

    def name(self, name: str) -> Branch:
        """Begin a branch of this name here; what is recorded beyond stays with the old one."""
        if any(other.name == name for other in self._all):
            raise UsageError(f"there is a branch {name!r} already")
        position = self._machine.position
        old = self.current
        self._keep()
        parent = old
        while position < parent.at and parent.parent is not None:
            parent = parent.parent
        made = Branch(self._free_number(), "new", parent, position, array("B"), position)
        self.rename(made, name)
        self._machine.forget_future()
        self._all.append(made)
        self.current = made
        return made

    def restore(self, branches: list[Branch], current: Branch) -> None:
        """Take over branches that were saved, the machine standing at the start of the run."""
        self._all = branches
        self.current = branches[0]
        self._machine.goto(0)
        self._machine.forget_future()
        root = Branch(0, "", None, 0, array("B"))
        self.current = root
        self._play(current)
        self.current = current
        self._machine.goto(min(current.position, self._machine.recorded))

    # -- looking -------------------------------------------------------------------------------

    def divergence(self, one: Branch, other: Branch) -> int | None:
        """The position at which two branches choose differently; None if one only goes further."""
        first, second = self.line(one), self.line(other)
        shared = common(first, second)
        return shared if shared < min(len(first), len(second)) else None

    def views(self) -> tuple[BranchView, ...]:
        """The tree, depth first."""
        return tuple(self._views(None, 0))

    def _views(self, parent: Branch | None, depth: int) -> Iterator[BranchView]:
        machine = self._machine
        for branch in self._all:
            if branch.parent is not parent:
                continue
            current = branch is self.current
            end = machine.result.kind if current and machine.result is not None else ""
            yield BranchView(
                number=branch.number,
                name=branch.name,
                parent=parent.number if parent is not None else None,
                depth=depth,
                at=branch.at,
                length=machine.recorded if current else branch.at + len(branch.tail),
                current=current,
                position=machine.position if current else branch.position,
                end=end,
            )
            yield from self._views(branch, depth + 1)


def common(first: array[int], second: array[int]) -> int:
    """How many choices two runs begin with alike."""
    least, most = 0, min(len(first), len(second))
    if first[:most] == second[:most]:
        return most
    while most - least > 1:
        middle = (least + most) // 2
        if first[least:middle] == second[least:middle]:
            least = middle
        else:
            most = middle
    return least
