"""What can go next: every CPU and every interrupt that can arrive, with what its step would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.machine import ALLOCATED, FREED, describe
from exittui.machine.preview import preview
from exittui.session.naming import P_FLAGS, PS_FLAGS, flags
from exittui.session.views_moving import ChoiceView
from exittui.session.waiting import waiting_words

if TYPE_CHECKING:
    from exittui.machine import Machine, Write
    from exittui.session.naming import Naming
    from exittui.session.things import Things

_BITS: Final = {"p_flag": P_FLAGS, "ps_flags": PS_FLAGS}


def choices(machine: Machine, things: Things, naming: Naming) -> tuple[ChoiceView, ...]:
    """All CPUs, able to go on or not, then the interrupts that can arrive."""
    enabled = machine.enabled()
    numbers = [*range(machine.ncpu), *(one for one in enabled if one >= machine.ncpu)]
    position = machine.position
    following = machine.history.choice(position) if position < machine.recorded else None
    return tuple(
        _choice(machine, things, naming, number, enabled=number in enabled, following=following)
        for number in numbers
    )


def _choice(
    machine: Machine,
    things: Things,
    naming: Naming,
    number: int,
    *,
    enabled: bool,
    following: int | None,
) -> ChoiceView:
    cpu = number % machine.ncpu
    here = machine.next_statement(number)
    writes: tuple[str, ...] = ()
    why_not = ""
    if enabled:
        record, result = preview(machine, number)
        told = [said for write in record.writes if (said := written(machine, naming, write))]
        if result is not None:
            told = [f"{result.kind}: {result.message}"]
        writes = tuple(told)
    elif machine.result is not None:
        why_not = f"the run has ended: {machine.result.kind}"
    else:
        why_not = waiting_words(machine, cpu)
    return ChoiceView(
        number=number,
        name=machine.choice(number),
        cpu=cpu,
        thread=naming.thread(things.read(machine.infos[cpu], "ci_curproc")),
        enabled=enabled,
        function=here.function,
        file=here.file,
        line=here.line,
        text=" ".join(here.text.split()),
        writes=writes,
        why_not=why_not,
        recorded=number == following,
    )


def written(machine: Machine, naming: Naming, write: Write) -> str:
    """A write as `field of thing: old→new`; nothing for one that changes nothing."""
    if write.field == FREED:
        return f"{write.name} is freed"
    if write.field == ALLOCATED:
        return f"{write.name} is made"
    old, new = (_text(machine, naming, write.field, one) for one in (write.old, write.new))
    if old == new:
        return ""
    if write.target is None:
        where = write.field if write.name == "globals" else f"{write.field} in {write.name}()"
        return f"{where}: {old}→{new}"
    return f"{write.field} of {write.name}: {old}→{new}"


def _text(machine: Machine, naming: Naming, field: str, value: Any) -> str:
    if field in _BITS and isinstance(value, int):
        return flags(value, _BITS[field]) or "0"
    if field == "p_stat":
        return naming.state(value)
    return describe(machine.memory, value)
