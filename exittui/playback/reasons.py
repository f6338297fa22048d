"""Why an answer is what it is: the step at which it came to be so, and what it was made of.

The last write to a field is not yet the reason: of two threads that a CPU could have, or two flags
of one word, it may have changed the other one. So the run is looked through backwards, from one
write to what was read to the write before, for the step before which the answer was another. What
looks at stacks or at the end of the run changes with no write, and is looked at after every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.errors import ExittuiError
from exittui.machine.queue import LIST_HEAD, TAILQ_HEAD
from exittui.scenario.expression.functions import FUNCTIONS
from exittui.scenario.expression.looking import Absent
from exittui.scenario.expression.operators import same
from exittui.scenario.expression.parser import parse
from exittui.scenario.expression.tree import Binary, Call, Member, Name
from exittui.scenario.play import verdict
from exittui.session.scanning import READS
from exittui.session.why import why_text, writers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.playback.budget import Budget
    from exittui.scenario.expression import Expression
    from exittui.scenario.expression.tree import Node
    from exittui.session.session import Session

LOOKED_BACK: Final = 5000
"""How many steps back a change is looked for that no write tells of."""
_WRITES: Final = 500
"""How many writes back a change is looked for."""
_FIELDS: Final = 2
"""How many of the fields of a comparison are told of."""
_OF_END: Final = frozenset({"result", "message"})
NEVER: Final = "It has been so since the run began."


def why(session: Session, text: str, budget: Budget) -> str:
    """How the value of an expression came to be, in words."""
    if _of_end(parse(text)):
        return ended(session)
    question = session.asking.compile(text)
    step = since(session, question, budget)
    if step is None:
        return f"It has been so for more than {LOOKED_BACK} steps."
    told = [made(session, step) if step else NEVER]
    told += _fields(session, text, step)
    return " ".join(told)


def ended(session: Session) -> str:
    """The step that the run ended with, and how."""
    position = session.machine.position
    result, message = verdict(session.built)
    if result == "limit" or not position:
        return "The run has not ended."
    last = f" {deed(session, position)}" if session.machine.result is not None else ""
    return f"The run ended with step {position}, {result}: {message}.{last}"


def _of_end(node: Node) -> bool:
    """Whether an expression asks how the run ended."""
    if isinstance(node, Name) and node.word in _OF_END:
        return True
    return any(_of_end(part) for part in node.parts())


def made(session: Session, step: int) -> str:
    """The step of this number made it so, and what it was."""
    return f"Step {step} made it so. {deed(session, step)}"


def deed(session: Session, step: int) -> str:
    """What the step of this number was: by whom, where, and its statement."""
    record = session.machine.record(step - 1)
    statement, thread = record.statement, session.thread_at_step(step - 1)
    who = f"cpu{record.cpu}{f' ({thread})' if thread else ''}"
    return f"{who} in {statement.function}(): {' '.join(statement.text.split())}"


def since(session: Session, question: Expression, budget: Budget) -> int | None:
    """The number of the step since which an expression has the value it has now.

    0 if it has had it since the run began, None if that is too long ago to be found.
    """
    machine = session.machine
    here = machine.position
    now = _kept(session, question)
    try:
        for at in _changes(session, question, here, budget):
            budget.moved(machine.position - at)
            machine.goto(at)
            seen = question.seen
            if not _alike(now, _kept(session, question)):
                return at + 1
            budget.looked(question, seen)
        return None if _cut_off(session, question, budget) else 0
    finally:
        machine.goto(here)


def _changes(session: Session, question: Expression, here: int, budget: Budget) -> Iterator[int]:
    """The positions at which the value may have been another, from the last to the first."""
    if not question.follows_writes:
        yield from range(here - 1, max(here - LOOKED_BACK, 0) - 1, -1)
        return
    for _ in range(_WRITES):
        step = _last_write(session, question, budget)
        if step is None:
            return
        yield step


def _last_write(session: Session, question: Expression, budget: Budget) -> int | None:
    """The last step up to now that wrote what is read to know the value."""
    reads = question.reads(session.machine)
    budget.spend(len(reads) // READS)
    steps = [step for target, field in reads for step in writers(session, target, field)[-1:]]
    return max(steps, default=None)


def _cut_off(session: Session, question: Expression, budget: Budget) -> bool:
    """Whether there is more to look through than was."""
    if question.follows_writes:
        return _last_write(session, question, budget) is not None
    return session.machine.position > 0


def _kept(session: Session, question: Expression) -> Any:
    """The value as it is now: what stands on a list, not the list."""
    value = question(session.machine)
    if isinstance(value, (LIST_HEAD, TAILQ_HEAD)):
        return question.words(session.machine)
    return value


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, Absent) or isinstance(other, Absent):
        return type(one) is type(other)
    return same(one, other)


# -- what a comparison was made of -----------------------------------------------------------------


def compared(text: str) -> list[str]:
    """The fields that a comparison looks at, as they are written; none where there is none."""
    tree = parse(text)
    if not isinstance(tree, Binary):
        return []
    return list(dict.fromkeys(node.text for node in _members(tree)))


def _members(node: Node) -> Iterator[Node]:
    """The outermost fields of a part."""
    if isinstance(node, Member):
        yield node
    elif not isinstance(node, Call) or node.word not in FUNCTIONS:
        for part in node.parts():
            yield from _members(part)


def _fields(session: Session, text: str, known: int) -> Iterator[str]:
    """Of a comparison, what its fields hold and since when, but for the step that is told."""
    for field in compared(text)[:_FIELDS]:
        try:
            view = why_text(session, field)
        except ExittuiError:
            continue
        if view.step is not None and view.step != known:
            where = f"step {view.step}, {view.function}() on cpu{view.cpu}"
            yield f"{field} is {view.new or 'NULL'} since {where}."
