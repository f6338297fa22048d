"""What is asked of every schedule: of its states on the way and of its end."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from exittui.checker.findings import Kind, Sighting
from exittui.errors import ExpressionError, UsageError, did_you_mean
from exittui.kernel.sys.proc import PS_ZOMBIE, SDEAD
from exittui.machine import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from exittui.machine import Machine
    from exittui.machine.frames import Frame
    from exittui.scenario.build import Built
    from exittui.scenario.expression import Expression

WORDS = ("always", "never", "eventually", "reachable")
GROUPS = ("safety", "deadlock", "liveness", "expectation")
_NUMBER = re.compile(r"\b\d+\b")


_LEAKS = ("I6", "I19")
"""Rules that tell more of threads that are not freed."""

_KINDS = {"I13": Kind.SAFETY, "I18": Kind.DEADLOCK}
"""What sort of property a rule is that is judged at the end; the others are of liveness."""

_NAMES = frozenset({"mtx_name", "ps_lock", "ru_utime", "tu_uticks"})
"""What rules, expectations and the words for an end look at and no kernel reads."""


def keep(machine: Machine, order: LockOrder) -> None:
    """Have the machine stop at a step that breaks one of the kernel's rules."""
    from exittui.kernel.invariants import locks, maps, threads  # noqa: PLC0415 - only for this

    threads.watch(machine)
    maps.watch(machine)
    locks.watch(machine, order.taken)


class LockOrder:
    """I17 over all schedules: which lock was taken with which held, and how one gets there.

    A circle is a property of several runs, as for WITNESS, which remembers them all. So nothing
    stops where it closes; what was taken is collected, and looked at when the search is over. A
    lock is taken with the same locks held in the reduced graph as in the full one.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._edges: dict[str, dict[str, bytes]] = {}

    def taken(self, held: str, taken: str) -> None:
        """A step takes a lock with another one held."""
        after = self._edges.setdefault(held, {})
        if taken not in after:
            after[taken] = bytes(self._machine.schedule().picks)

    def circles(self) -> Iterator[tuple[Sighting, bytes]]:
        """Each circle once, with the longest of the schedules that lead to its edges."""
        from exittui.kernel.invariants.locks import path  # noqa: PLC0415 - as above

        told: set[frozenset[str]] = set()
        for held, after in self._edges.items():
            for taken, picks in after.items():
                back = path(self._edges, taken, held)
                if not back or frozenset(back) in told:
                    continue
                told.add(frozenset(back))
                pairs = [(held, taken, picks)]
                pairs += [(one, two, self._edges[one][two]) for one, two in pairwise(back)]
                last = max(pairs, key=lambda pair: len(pair[2]))
                others = ", ".join(
                    f"{two} with {one} held by '{Schedule.of(way)}'"
                    for one, two, way in pairs
                    if (one, two) != last[:2]
                )
                words = f"I17: {last[1]} is taken with {last[0]} held, and {others}"
                yield Sighting(Kind.SAFETY, f"I17: {' < '.join(sorted(back))}", words), last[2]


if TYPE_CHECKING:
    Look = Callable[[Machine, Frame], Iterable[tuple[Any, str]]]
    Looks = tuple[tuple[tuple[int, ...], Look], ...]
    """Statements, each group with what tells the fields that a rule looks at there."""


Ends = tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
"""Kinds of structs: for each, the fields of which a rule wants to know at the end of one whether
they point to it, and the fields that it looks at then."""


class Judge(Protocol):
    """Judges states; the search asks it."""

    observed: set[str]
    """The fields and variables that judging a state has looked at so far."""
    names: frozenset[str]
    """What it may look at that the code itself does not read: that has to be told apart too."""
    everywhere: bool
    """Whether states have to be judged after every step, because of what is looked at."""

    def state(self, machine: Machine) -> list[Sighting]:
        """What the present state violates."""
        ...

    def looks(self, machine: Machine) -> Looks:
        """The statements at which a rule looks at what others do, and the fields it looks at."""
        ...

    def ends(self) -> Ends:
        """The kinds of structs at whose end a rule looks at what others do."""
        ...

    def end(self, machine: Machine, flags: int) -> list[Sighting]:
        """What ending here violates; `flags` has what has held on the way, see `flags`."""
        ...

    def flags(self, machine: Machine) -> int:
        """A bit for each `eventually` that holds now."""
        ...

    def circles(self) -> Iterator[tuple[Sighting, bytes]]:
        """What only all schedules together violate, with a schedule that has a part in it."""
        ...


@attrs.frozen
class Claim:
    """A property over an expression."""

    word: str
    expression: Expression

    @property
    def text(self) -> str:
        """As it was asked for."""
        return f"{self.word} {self.expression.text}"


class ScenarioJudge:
    """Judges the runs of a scenario: how they end, what is left over, and what was claimed."""

    def __init__(self, built: Built, properties: Sequence[str] = ()) -> None:
        """`properties` are groups, or claims such as `always EXPRESSION`; none means all groups."""
        self._built = built
        self.observed: set[str] = set()
        self.names = _NAMES
        self.groups: set[str] = set()
        self.claims: list[Claim] = []
        for text in properties:
            self._add(text)
        if not properties:
            self.groups.update(GROUPS)
        self._order = LockOrder(built.machine)
        if "safety" in self.groups:
            keep(built.machine, self._order)
        self.everywhere = any(not claim.expression.follows_writes for claim in self.claims)
        self._awaited = [claim for claim in self.claims if claim.word == "eventually"]

    def _add(self, text: str) -> None:
        word, _, rest = text.strip().partition(" ")
        if not rest and word in GROUPS:
            self.groups.add(word)
            return
        if word not in WORDS or not rest:
            hint = did_you_mean(word, (*GROUPS, *WORDS))
            raise UsageError(
                f"no property {text!r}{hint}; known: {', '.join(GROUPS)}, "
                "or always, never, eventually, reachable before an expression"
            )
        from exittui.scenario.expression import Names, compile  # noqa: A004, PLC0415 - as asked

        names = Names.of(self._built)
        try:
            expression = compile(rest.strip(), names)
        except ExpressionError as error:
            raise UsageError(f"property {word} {rest.strip()!r}: {error.message}") from None
        self.claims.append(Claim(word, expression))

    def looks(self, machine: Machine) -> Looks:
        """Where a shootdown returns."""
        if "safety" not in self.groups:
            return ()
        from exittui.kernel.invariants.maps import looked_at  # noqa: PLC0415 - only for this

        statements = machine.image.statements
        returns = (
            one.pc for one in statements if one.function == "pmap_remove" and one.kind == "return"
        )
        return ((tuple(returns), looked_at),)

    def ends(self) -> Ends:
        """The ends of threads, page tables and file tables."""
        if "safety" not in self.groups:
            return ()
        from exittui.kernel.invariants import maps, threads  # noqa: PLC0415 - only for this

        return threads.LOOKED_AT_END + maps.LOOKED_AT_END

    def state(self, machine: Machine) -> list[Sighting]:
        """The claims that the present state violates, or reaches."""
        found = []
        for claim in self.claims:
            expression = claim.expression
            for _, field in expression.reads(machine):
                self.observed.add(field)
            if claim.word == "always" and expression.fails(machine):
                found.append(Sighting(Kind.SAFETY, claim.text, f"not {expression.text}"))
            elif claim.word == "never" and expression.holds(machine):
                found.append(Sighting(Kind.SAFETY, claim.text, expression.text))
            elif claim.word == "reachable" and expression.holds(machine):
                found.append(Sighting(Kind.REACHED, claim.text, expression.text))
        return found

    def flags(self, machine: Machine) -> int:
        """A bit for each `eventually` that holds now."""
        return sum(
            1 << number
            for number, claim in enumerate(self._awaited)
            if claim.expression.holds(machine)
        )

    def end(self, machine: Machine, flags: int) -> list[Sighting]:
        """What ending here violates."""
        found = [*self._stuck(machine), *self._standing(machine), *self._time(machine)]
        if not any(one.name in _LEAKS for one in found):
            found += self._left_over(machine)
        told = {one.name for one in found}
        found = [one for one in found if str(one.kind) in self.groups]
        if "expectation" in self.groups:
            found += self._unmet(told)
        found += [
            Sighting(Kind.LIVENESS, claim.text, f"{claim.expression.text} never held")
            for number, claim in enumerate(self._awaited)
            if not flags >> number & 1
        ]
        return found

    def circles(self) -> Iterator[tuple[Sighting, bytes]]:
        """I17, when a search is over: circles in the order of locks, with a schedule for each."""
        return self._order.circles()

    def _stuck(self, machine: Machine) -> Iterator[Sighting]:
        from exittui.scenario.stuck import stuck  # noqa: PLC0415 - most searches end well

        why = stuck(self._built)
        if not why:
            return
        spins = any(
            wait is not None and wait.kind == "spin"
            for wait in map(machine.wait, range(machine.ncpu))
        )
        kind = Kind.DEADLOCK if spins else Kind.LIVENESS
        word = "deadlock" if spins else "waits for ever"
        yield Sighting(kind, f"{word}: {_NUMBER.sub('N', why)}", f"{word}: {why}")

    def _standing(self, machine: Machine) -> Iterator[Sighting]:
        """I6, I9, I10, I13, I18 and I19: what is to be so when nothing more can happen."""
        from exittui.kernel.invariants.standing import standing  # noqa: PLC0415 - as above

        for sentence in standing(machine):
            rule = sentence.partition(":")[0]
            if rule == "I18" and "spins" in sentence:
                continue  # a deadlock, told above
            yield Sighting(_KINDS.get(rule, Kind.LIVENESS), rule, sentence)

    def _time(self, machine: Machine) -> Iterator[Sighting]:
        """I8: of the time that threads were given none is lost, and none is counted twice."""
        from exittui.kernel.invariants.standing import conserved  # noqa: PLC0415 - as above

        for words in conserved(machine, self._built.ticks):
            yield Sighting(Kind.LIVENESS, "I8", words)

    def _left_over(self, machine: Machine) -> Iterator[Sighting]:
        """A thread that has exited, and whose process is gone or lives, is freed."""
        memory = machine.memory
        many = 0
        for target in memory.heap.values():
            if target is None or memory.is_freed(target) or type(target).__name__ != "proc":
                continue
            if target.p_stat == SDEAD:  # type: ignore[attr-defined] # it is a proc
                owner: Any = target.p_p  # type: ignore[attr-defined] # as above
                many += memory.is_freed(owner) or not owner.ps_flags & PS_ZOMBIE
        if many:
            yield Sighting(
                Kind.LIVENESS,
                "leak: a thread that exited is never freed",
                f"leak: {many} thread{'s' * (many > 1)} that exited "
                f"{'are' if many > 1 else 'is'} never freed",
            )

    def _unmet(self, told: set[str]) -> Iterator[Sighting]:
        """Expectations, but for rules that are told as such."""
        from exittui.scenario.expect import unmet  # noqa: PLC0415 - as above
        from exittui.scenario.play import verdict  # noqa: PLC0415

        result, message = verdict(self._built)
        for sentence in unmet(self._built, result, message):
            if sentence.partition(":")[0] not in told:
                yield Sighting(Kind.EXPECTATION, f"expects {sentence}", f"expects {sentence}")
