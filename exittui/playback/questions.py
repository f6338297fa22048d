"""Questions: the answer is looked up in the machine, the choices and the reason come with it.

An answer is words. Each kind has its own way to find them and to make up what else could be true;
where the file gives choices, the answer has to be among them, or the question cannot be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from exittui.errors import UsageError
from exittui.kernel.sys.proc import SDEAD
from exittui.machine import struct, walk
from exittui.playback.reasons import why
from exittui.scenario.expression import Absent
from exittui.session.naming import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from exittui.playback.budget import Budget
    from exittui.playback.measuring import Measuring
    from exittui.scenario.script import Cue
    from exittui.session.session import Session
    from exittui.session.views_moving import Progress

NOBODY: Final = "nobody"
SAME: Final = "the same"
"""The answer where no kernel has less than the others."""
_MOST: Final = 4
_LISTS: Final = {
    "process": ("allprocess", "zombprocess", "neither of them"),
    "proc": ("a run queue", "a sleep queue", "deadproc", "none of them"),
}


@frozen
class Question:
    """A question that can be asked now: `choices[right]` is the answer."""

    text: str
    choices: tuple[str, ...]
    right: int
    reason: str
    """Why it is so, from the machine's own past."""
    because: str
    """What the author has to say to it."""

    @property
    def answer(self) -> str:
        """The right choice in words."""
        return self.choices[self.right]


def question(session: Session, cue: Cue, budget: Budget) -> Question:
    """The question of a cue, with its answer where the machine stands; raises ExittuiError."""
    budget.searched(session.machine.position)
    if cue.kind == "next":
        answer, others, reason = _next(session, str(cue.of), budget)
    else:
        answer, others, reason = _KINDS[str(cue.kind)](session, str(cue.of), budget)
    choices = cue.choices or _choices(answer, others)
    if answer not in choices:
        listed = ", ".join(repr(one) for one in choices)
        raise UsageError(f"the answer is {answer!r}, which is not among the choices: {listed}")
    return Question(
        text=cue.ask or "",
        choices=choices,
        right=choices.index(answer),
        reason=reason,
        because=cue.because or "",
    )


def of_figures(measuring: Measuring, cue: Cue) -> Generator[Progress, None, Question]:
    """A question of what a run costs: how much it is, or where it is the least."""
    name, kernels = str(cue.of), cue.under or ()
    (row,) = (yield from measuring.figures((name,), kernels)).rows
    told = ", ".join(f"{kernel} {words}" for kernel, words in zip(kernels, row.words, strict=True))
    if cue.kind == "least":
        answer, choices = (yield from measuring.least(name, kernels)), (*kernels, SAME)
    else:
        answer = row.words[0]
        choices = cue.choices or _choices(answer, _near(answer))
    if answer not in choices:
        raise UsageError(f"the answer is {answer!r}, which is not among the choices")
    return Question(
        text=cue.ask or "",
        choices=choices,
        right=choices.index(answer),
        reason=f"Measured in virtual time: {told}.",
        because=cue.because or "",
    )


def _near(answer: str) -> list[str]:
    """Other values of the same unit: half as much, twice, four times as much; or one off."""
    number, _, unit = answer.replace(",", "").partition(" ")
    if not unit:
        return [f"{max(int(number) + by, 0):,}" for by in (1, -1, 2, -2)]
    return [f"{float(number) * by:,.2f} {unit}" for by in (0.5, 2, 4)]


def _choices(answer: str, others: list[str]) -> tuple[str, ...]:
    """The answer among what else comes to mind, in an order that tells nothing."""
    found = list(dict.fromkeys(one for one in others if one != answer))[: _MOST - 1]
    if not found:
        raise UsageError(f"nothing but {answer!r} comes to mind: give it choices")
    return tuple(sorted([answer, *found], key=_natural))


def _natural(text: str) -> tuple[int, str]:
    return (int(text), "") if text.lstrip("-").isdigit() else (1 << 62, text)


def evaluated(session: Session, text: str) -> Any:
    """The value of an expression; raises ExittuiError where there is none."""
    value = session.asking.compile(text)(session.machine)
    if isinstance(value, Absent):
        raise UsageError(f"{text!r} has no value here: {value}")
    return value


def target(session: Session, text: str, kind: str) -> Any:
    """The struct of a kind that an expression names."""
    value = evaluated(session, text)
    if not isinstance(value, struct) or type(value).__name__ != kind:
        raise UsageError(f"{text!r} is no struct {kind} here")
    return value


# -- kinds: answer, others, reason -----------------------------------------------------------------

_Found = tuple[str, list[str], str]


def _name(session: Session, value: Any) -> str:
    if value is None:
        return NOBODY
    for number, info in enumerate(session.machine.infos):
        if value is info:
            return f"cpu{number}"
    return session.views.naming.thing(value)


def _owner(session: Session, text: str, budget: Budget) -> _Found:
    answer = _name(session, evaluated(session, f"owner({text})"))
    cpus = [f"cpu{number}" for number in range(session.machine.ncpu)]
    threads = [_name(session, p) for p in _threads(session)]
    others = [*cpus, NOBODY] if answer in (*cpus, NOBODY) else [NOBODY, *threads]
    return answer, others, why(session, f"owner({text})", budget)


def _value(session: Session, text: str, budget: Budget) -> _Found:
    value = evaluated(session, text)
    field = text.replace("->", ".").rpartition(".")[2].strip()
    if field == "p_stat":
        answer = session.views.naming.state(value)
        return answer, [*STATES.values()][1:], why(session, text, budget)
    answer = session.asking.compile(text).words(session.machine)
    others: list[str] = []
    if isinstance(value, str):
        answer = value
    if isinstance(value, bool):
        answer, others = "yes" if value else "no", ["yes", "no"]
    elif isinstance(value, int):
        others = [str(value + 1), str(max(value - 1, 0)), str(value + 2)]
    elif type(value).__name__ == "proc":
        others = [_name(session, p) for p in _threads(session)]
    elif type(value).__name__ == "process" or value is None:
        others = [NOBODY, *session.built.pids]
    return answer, others, why(session, text, budget)


def _next(session: Session, text: str, budget: Budget) -> _Found:
    """Who runs next on a CPU, if nobody interferes: looked at by running on, and back."""
    info = target(session, text, "cpu_info")
    machine, here = session.machine, session.machine.position
    now = info.ci_curproc
    choose = session.mover.chooser.choose
    most = min(session.limit, budget.left // budget.step)
    while info.ci_curproc is now and machine.result is None:
        choice = choose(machine)
        if choice is None or machine.position - here > most:
            break
        machine.step(choice)
    after = info.ci_curproc
    answer = _name(session, after)
    step, cpu = machine.position, machine.infos.index(info)
    statement = machine.record(step - 1).statement.function if step > here else ""
    machine.goto(here)
    machine.forget_future()
    budget.moved(step - here)
    if after is now:
        raise UsageError(f"{text} runs nobody else any more")
    others = [_name(session, p) for p in _threads(session)]
    reason = f"cpu{cpu} switches to it at step {step}, in {statement}()."
    return (
        answer,
        [*(one for one in others if one != _name(session, now)), _name(session, now)],
        (reason),
    )


def _list(session: Session, text: str, budget: Budget) -> _Found:
    value = evaluated(session, text)
    kind = type(value).__name__
    machine = session.machine
    if kind not in _LISTS:
        raise UsageError(f"{text!r} is neither a process nor a thread")
    if machine.memory.is_freed(value):
        raise UsageError(f"{text!r} is freed")
    if kind == "process":
        heads = ("allprocess", "zombprocess")
        on = [one for one in heads if value in walk(machine.globals[one], "ps_list")]
        answer = on[-1] if on else "neither of them"
        so = " or ".join(f"{text} in {head}" for head in on[-1:] or heads)
    else:
        answer, so = _queue(session, text, value)
    return answer, list(_LISTS[kind]), why(session, so, budget)


def _queue(session: Session, text: str, thread: struct) -> tuple[str, str]:
    """The queue a thread is linked into, and what has been so for as long as it is.

    p_stat says so earlier: it is written a few steps before the thread is put on the queue.
    """
    variables = session.machine.globals
    for cpu, info in enumerate(session.machine.infos):
        for number, queue in enumerate(info.ci_schedstate.spc_qs):
            if _on(queue.ph_qs, thread, "p_runq"):
                return "a run queue", f"{text} in cpu{cpu}.ci_schedstate.spc_qs[{number}].ph_qs"
    for number, queue in enumerate(variables["slpque"]):
        if _on(queue.sq_qs, thread, "p_runq"):
            return "a sleep queue", f"{text} in slpque[{number}].sq_qs"
    linked = f"{text}.p_runq != NULL"
    if "deadproc" not in variables:
        return "none of them", linked
    head = variables["deadproc"]
    if _on(head, thread, "p_hash" if type(head).__name__ == "LIST_HEAD" else "p_runq"):
        return "deadproc", f"{text} in deadproc"
    return "none of them", f"{linked} or {text} in deadproc"


def _on(head: struct, thread: struct, link: str) -> bool:
    """Whether a thread is on this list by that link."""
    return any(one is thread for one in walk(head, link))


def _sleep(session: Session, text: str, budget: Budget) -> _Found:
    """Whether what a CPU runs may sleep now."""
    info = target(session, text, "cpu_info")
    p = info.ci_curproc
    others = ["it may sleep", "it must not sleep"]
    no, name = others[1], _name(session, p)
    dead = f"{text}.ci_curproc.p_stat == SDEAD"
    if p.p_stat == SDEAD:
        return no, others, f"{name} is SDEAD. {why(session, dead, budget)}"
    if info.ci_mutex_level:
        held = why(session, f"{text}.ci_mutex_level != 0", budget)
        mutexes = f"{info.ci_mutex_level} spinning mutex{'es' * (info.ci_mutex_level > 1)}"
        return no, others, f"{name} holds {mutexes}. {held}"
    idle = f"{text}.ci_curproc == {text}.ci_schedstate.spc_idleproc"
    if p is info.ci_schedstate.spc_idleproc:
        told = why(session, f"{text}.ci_curproc", budget)
        return no, others, f"{name} is what runs when nobody else does. {told}"
    free = why(session, f"{dead} or {idle} or {text}.ci_mutex_level != 0", budget)
    state = STATES.get(p.p_stat, "")
    return others[0], others, f"{name} is {state}, and holds no mutex. {free}"


def _threads(session: Session) -> list[struct]:
    return list(walk(session.machine.globals["allproc"], "p_list"))


_KINDS: Final[dict[str, Callable[[Session, str, Budget], _Found]]] = {
    "owner": _owner,
    "value": _value,
    "list": _list,
    "sleep": _sleep,
}
