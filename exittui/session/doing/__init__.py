"""Carrying out commands: one function for each command of the table, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.session.doing import (
    ahead,
    asking,
    branching,
    comparing,
    kernel,
    moves,
    scripting,
    stacks,
    stopping,
)
from exittui.session.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.session.commands import Order
    from exittui.session.outcome import Telling
    from exittui.session.session import Session

    Handler = Callable[[Session, Order], Telling]


def _at_once(function: Callable[[Any, Any], list[str]]) -> Handler:
    """A command that takes no time: its lines, of which a single one is a note too."""

    def telling(session: Session, order: Order) -> Telling:
        lines = function(session, order)
        return Outcome(tuple(lines), lines[0] if len(lines) == 1 else "")
        yield

    return telling


HANDLERS: Final[dict[str, Handler]] = {
    "step": moves.step,
    "next": moves.next_,
    "finish": moves.finish,
    "proceed": moves.proceed,
    "any_step": moves.any_step,
    "until": moves.until,
    "run_to_end": moves.run_to_end,
    "rerun": moves.rerun,
    "match": moves.match,
    "call_or_return": moves.call_or_return,
    "solo": moves.solo,
    "pick": moves.pick,
    "seek": moves.seek,
    "back_step": moves.back_step,
    "back_next": moves.back_next,
    "back_finish": moves.back_finish,
    "back_proceed": moves.back_proceed,
    "back_until": moves.back_until,
    "back_seek": moves.back_seek,
    "restart": moves.restart,
    "boot": moves.boot,
    "goto": moves.goto,
    "redo": moves.redo,
    "focus": _at_once(kernel.focus),
    "thread": _at_once(kernel.thread),
    "thread_apply": _at_once(stacks.thread_apply),
    "thread_find": _at_once(stacks.thread_find),
    "frame": _at_once(stacks.frame),
    "up": _at_once(stacks.up),
    "down": _at_once(stacks.down),
    "break_here": _at_once(stopping.break_here),
    "break": _at_once(stopping.break_),
    "tbreak": _at_once(stopping.tbreak),
    "watch": _at_once(stopping.watch_),
    "dwatch": _at_once(stopping.dwatch),
    "read_watch": _at_once(stopping.read_watch),
    "catch": _at_once(stopping.catch),
    "tcatch": _at_once(stopping.tcatch),
    "delete": _at_once(stopping.delete),
    "enable": _at_once(stopping.enable),
    "disable": _at_once(stopping.disable),
    "ignore": _at_once(stopping.ignore),
    "condition": _at_once(stopping.condition),
    "breaks": _at_once(stopping.breaks),
    "watches": _at_once(stopping.watches),
    "when": _at_once(asking.when),
    "say": _at_once(asking.say),
    "print": _at_once(asking.print_),
    "output": _at_once(asking.output),
    "whatis": _at_once(asking.whatis),
    "examine": _at_once(asking.examine),
    "display": _at_once(asking.display),
    "displays": _at_once(asking.displays),
    "undisplay": _at_once(asking.undisplay),
    "why": _at_once(asking.why),
    "there": _at_once(asking.there),
    "older": _at_once(asking.older),
    "newer": _at_once(asking.newer),
    "jumps": _at_once(asking.jumps),
    "list": _at_once(stacks.list_),
    "trace": _at_once(stacks.trace),
    "locals": _at_once(stacks.locals_),
    "args": _at_once(stacks.args),
    "frame_info": _at_once(stacks.frame_info),
    "line_info": _at_once(stacks.line_info),
    "source_info": _at_once(stacks.source_info),
    "functions": _at_once(stacks.functions),
    "variables": _at_once(stacks.variables),
    "types": _at_once(stacks.types),
    "scope_info": _at_once(stacks.scope_info),
    "assert": _at_once(asking.assert_),
    "echo": _at_once(scripting.echo),
    "printf": _at_once(scripting.printf),
    "source": scripting.source,
    "history": _at_once(scripting.history),
    "apropos": _at_once(scripting.apropos),
    "complete": _at_once(scripting.complete),
    "ps": _at_once(kernel.ps),
    "threads": _at_once(kernel.threads),
    "cpus": _at_once(kernel.cpus),
    "cpuinfo": _at_once(kernel.cpuinfo),
    "show_proc": _at_once(kernel.show_proc),
    "show_process": _at_once(kernel.show_process),
    "show_struct": _at_once(kernel.show_struct),
    "show_map": _at_once(kernel.show_map),
    "info_locks": _at_once(kernel.info_locks),
    "show_locks": _at_once(kernel.show_locks),
    "show_lock": _at_once(kernel.show_lock),
    "show_all_locks": _at_once(kernel.show_all_locks),
    "show_witness": _at_once(kernel.show_witness),
    "waits": _at_once(kernel.waits),
    "show_panic": _at_once(kernel.show_panic),
    "dmesg": _at_once(kernel.dmesg),
    "processes": _at_once(kernel.processes),
    "events": _at_once(kernel.events),
    "call": _at_once(kernel.call),
    "kill": _at_once(kernel.kill),
    "stop_cpu": _at_once(kernel.stop_cpu),
    "write": _at_once(kernel.write),
    "check": ahead.check,
    "shares": ahead.shares,
    "differ": ahead.differ,
    "back_differ": ahead.back_differ,
    "witness": ahead.witness,
    "branch": _at_once(branching.branch),
    "branches": _at_once(branching.branches),
    "switch": _at_once(branching.switch),
    "compare": comparing.compare,
    "drop": _at_once(branching.drop),
    "checkpoint": _at_once(branching.checkpoint),
    "checkpoints": _at_once(branching.checkpoints),
    "save": _at_once(scripting.save),
    "record": _at_once(scripting.record),
    "set": _at_once(scripting.set_),
    "settings": _at_once(scripting.settings),
    "help": _at_once(scripting.help_),
}
