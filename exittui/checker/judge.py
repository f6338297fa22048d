"""What is asked of every schedule: of its states on the way and of its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from exittui.checker.findings import Kind, Sighting
from exittui.errors import UsageError, did_you_mean
from exittui.kernel.sys.proc import PS_ZOMBIE, SDEAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.machine import Machine
    from exittui.scenario.build import Built
    from exittui.scenario.expression import Expression

WORDS = ("always", "never", "eventually", "reachable")
GROUPS = ("safety", "deadlock", "liveness", "expectation")
_NUMBER = re.compile(r"\b\d+\b")


_LOOKED_AT = frozenset({"ci_curproc", "ci_cr3", "ci_tlb", "p_fd"})
"""What the rules look at of other CPUs and threads (see kernel/invariants)."""


def keep(machine: Machine) -> None:
    """Have the machine stop at a step that breaks one of the kernel's rules.

    The order of locks (I17) is not among them: it is a property of a run, not of a state, and a
    search that tells states apart would see a part of it.
    """
    from exittui.kernel.invariants import maps, threads  # noqa: PLC0415 - only for this

    threads.watch(machine)
    maps.watch(machine)


class Judge(Protocol):
    """Judges states; the search asks it."""

    observed: set[str]
    """The fields and variables that judging a state has looked at so far."""
    everywhere: bool
    """Whether states have to be judged after every step, because of what is looked at."""

    def state(self, machine: Machine) -> list[Sighting]:
        """What the present state violates."""
        ...

    def looks(self, machine: Machine) -> frozenset[int]:
        """The statements at which a rule looks at what other CPUs do."""
        ...

    def end(self, machine: Machine, flags: int) -> list[Sighting]:
        """What ending here violates; `flags` has what has held on the way, see `flags`."""
        ...

    def flags(self, machine: Machine) -> int:
        """A bit for each `eventually` that holds now."""
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
        self.groups: set[str] = set()
        self.claims: list[Claim] = []
        for text in properties:
            self._add(text)
        if not properties:
            self.groups.update(GROUPS)
        if "safety" in self.groups:
            keep(built.machine)
            self.observed.update(_LOOKED_AT)
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
        self.claims.append(Claim(word, compile(rest.strip(), names)))

    def looks(self, machine: Machine) -> frozenset[int]:
        """Where things are freed, and where a shootdown has returned."""
        if "safety" not in self.groups:
            return frozenset()
        return frozenset(
            one.pc
            for one in machine.image.statements
            if one.text.startswith("free(")
            or (one.function == "pmap_remove" and one.kind == "return")
        )

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
        found = [*self._stuck(machine), *self._left_over(machine), *self._unmet()]
        found = [one for one in found if str(one.kind) in self.groups]
        found += [
            Sighting(Kind.LIVENESS, claim.text, f"{claim.expression.text} never held")
            for number, claim in enumerate(self._awaited)
            if not flags >> number & 1
        ]
        return found

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

    def _left_over(self, machine: Machine) -> Iterator[Sighting]:
        """I6: what has exited and was collected, or is nobody's to collect, is freed."""
        memory = machine.memory
        lost: dict[str, int] = {}
        for target in memory.heap.values():
            if target is None or memory.is_freed(target):
                continue
            name = type(target).__name__
            if name == "proc" and target.p_stat == SDEAD:  # type: ignore[attr-defined]
                owner: Any = target.p_p  # type: ignore[attr-defined]
                if memory.is_freed(owner) or not owner.ps_flags & PS_ZOMBIE:
                    lost["thread"] = lost.get("thread", 0) + 1
        if lost:
            many = lost["thread"]
            yield Sighting(
                Kind.LIVENESS,
                "leak: a thread that exited is never freed",
                f"leak: {many} thread{'s' * (many > 1)} that exited "
                f"{'are' if many > 1 else 'is'} never freed",
            )

    def _unmet(self) -> Iterator[Sighting]:
        from exittui.scenario.expect import unmet  # noqa: PLC0415 - as above
        from exittui.scenario.play import verdict  # noqa: PLC0415

        result, message = verdict(self._built)
        for sentence in unmet(self._built, result, message):
            yield Sighting(Kind.EXPECTATION, f"expects {sentence}", f"expects {sentence}")
