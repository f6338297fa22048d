"""Carrying out the commands that show what the kernel holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from exittui.errors import ExittuiError, UsageError, did_you_mean
from exittui.session import ddb, telling
from exittui.session.commands.reading import number
from exittui.session.doing.asking import fields
from exittui.session.waiting import LOCKS

if TYPE_CHECKING:
    from exittui.machine import struct
    from exittui.session.commands import Order
    from exittui.session.session import Session
    from exittui.session.views import LockView


def focus(session: Session, order: Order) -> list[str]:
    """Choose a CPU."""
    cpu = number(order.argument.removeprefix("cpu"), "CPU")
    if cpu >= session.machine.ncpu:
        raise UsageError(f"no cpu {cpu}: 0 to {session.machine.ncpu - 1} are there")
    session.focus = cpu
    return [ddb.stopped_at(session, cpu)]


def thread(session: Session, order: Order) -> list[str]:
    """Look at a thread."""
    if order.argument:
        session.look_at(session.find_thread(order.argument))
    p = session.thread
    tid, name = session.views.things.read(p, "p_tid"), session.views.naming.thread(p)
    head = f"[thread {tid} ({name})]"
    if session.dialect == "gdb":
        listed = enumerate(session.views.listed_threads(), 1)
        number_ = next((at for at, one in listed if one is p), 0)
        word = "Switching to thread" if order.argument else "Current thread is"
        head = f"[{word} {number_} ({name}, tid {tid})]"
    return [head, *telling.looking_at(session)]


def ps(session: Session, order: Order) -> list[str]:
    """`ps /anow`."""
    return ddb.ps(session, order.argument.removeprefix("/")[:1] or "n")


def threads(session: Session, order: Order) -> list[str]:
    """`info threads`."""
    del order
    things, naming = session.views.things, session.views.naming
    inspector = session.views.wider.inspector
    looked_at = session.thread
    lines = ["  Id   Tid    Thread               State    Where"]
    for at, p in enumerate(session.views.listed_threads(), 1):
        mark = "*" if p is looked_at else " "
        state = "freed" if things.freed(p) else naming.state(things.read(p, "p_stat"))
        cpu = inspector.cpu_of(p)
        where = f"cpu{cpu} " if cpu is not None and not things.freed(p) else ""
        frames = inspector.frames(p) if not things.freed(p) else []
        if frames:
            statement = session.machine.image.statements[frames[0][0]]
            where += f"{statement.function} at {statement.file}:{statement.line}"
        tid, name = things.read(p, "p_tid", ""), naming.thread(p)
        lines.append(f"{mark} {at:<4} {tid:<6} {name:20} {state:8} {where}".rstrip())
    return lines


def cpus(session: Session, order: Order) -> list[str]:
    """Each CPU: what runs, interrupts, %cr3 and the record."""
    del order
    lines = []
    read = session.views.things.read
    for view in session.views.cpus():
        info = session.machine.infos[view.number]
        mark = "*" if view.focus else " "
        differ = " !=" if view.differ else ""
        lines.append(
            f"{mark}cpu{view.number} {view.thread} ({view.tid}) {view.stat.text} {view.state} "
            f"int={view.interrupts.text} ipl={read(info, 'ci_ipl')} mutexes={view.mutexes.text} "
            f"%cr3={view.cr3.text or '-'} ci_proc_pmap={view.pmap.text or '-'}{differ}"
        )
        if view.holds:
            lines.append(f"     holds {', '.join(view.holds)}")
        if view.awaits:
            lines.append(f"     spins for {view.awaits}")
    return lines


def cpuinfo(session: Session, order: Order) -> list[str]:
    """`machine cpuinfo`."""
    del order
    return ddb.cpuinfo(session)


def show_proc(session: Session, order: Order) -> list[str]:
    """`show proc`."""
    p = session.find_thread(order.argument) if order.argument else session.thread
    return ddb.proc(session, p)


def show_process(session: Session, order: Order) -> list[str]:
    """`show process`."""
    read = session.views.things.read
    if not order.argument:
        return ddb.process(session, read(session.thread, "p_p"))
    text = order.argument
    found = session.find_struct(f"process({text})" if text.isdigit() else text)
    if type(found).__name__ == "proc":
        found = read(found, "p_p")
    if type(found).__name__ != "process":
        raise UsageError(f"{text!r} is no process: it is a {type(found).__name__}")
    return ddb.process(session, found)


def show_struct(session: Session, order: Order) -> list[str]:
    """`show struct NAME [EXPR]`."""
    name, _, text = order.argument.removeprefix("struct ").partition(" ")
    structs = session.machine.image.structs
    if name not in structs:
        if text:
            raise UsageError(f"no struct {name!r}{did_you_mean(name, structs)}")
        name = _struct_of(session, name)
    if text.strip():
        named = text.strip()
        is_tid = name == "proc" and named[:2] == "0t"
        found = session.find_thread(named) if is_tid else session.find_struct(named)
        kind = type(found).__name__
        if kind != name:
            raise UsageError(f"{text.strip()!r} is a struct {kind}, not a struct {name}")
        return fields(session, found)
    names = session.asking.names
    lines = [f"struct {name} {{"]
    lines += [f"    {field}: {names.field_kind(name, field)}" for field in names.fields(name)]
    return [*lines, "}"]


def _struct_of(session: Session, text: str) -> str:
    """The struct that a value is, for who names one instead."""
    structs = session.machine.image.structs
    try:
        return type(session.find_struct(text)).__name__
    except ExittuiError:
        raise UsageError(f"no struct {text!r}{did_you_mean(text, structs)}") from None


def show_map(session: Session, order: Order) -> list[str]:
    """`show map`."""
    read = session.views.things.read
    found: struct | None = read(read(session.thread, "p_p"), "ps_vmspace")
    if order.argument:
        found = session.find_struct(order.argument)
        if type(found).__name__ == "process":
            found = read(found, "ps_vmspace")
    if found is None:
        raise UsageError("there is no map: the process has given it up")
    return ddb.vm_map(session, found)


def info_locks(session: Session, order: Order) -> list[str]:
    """Who holds and who waits."""
    del order
    lines = [f"{view.name}: {_lock_words(view)}" for view in session.views.locks()]
    return lines or ["no lock is held, and nobody waits for one"]


def _lock_words(view: LockView) -> str:
    words = f"held by {view.owner.text} x{view.depth}" if view.owner.text else "free"
    if view.since is not None:
        words += f" since step {view.since}"
    waiting = [*(f"cpu{cpu}" for cpu in view.waiting_cpus), *view.waiters]
    return f"{words}, awaited by {', '.join(waiting)}" if waiting else words


def show_locks(session: Session, order: Order) -> list[str]:
    """`show locks`."""
    p = session.find_thread(order.argument) if order.argument else session.thread
    return ddb.locks_of(session, p)


def show_lock(session: Session, order: Order) -> list[str]:
    """`show mutex worker.ps_mtx`."""
    found = session.find_struct(order.argument)
    kind = type(found).__name__
    if kind not in LOCKS:
        raise UsageError(f"{order.argument!r} is no lock: it is a {kind}")
    return [*fields(session, found), f"    {_lock_words(session.views.lock_view(found))}"]


def show_all_locks(session: Session, order: Order) -> list[str]:
    """`show all locks`."""
    del order
    return ddb.all_locks(session)


def show_witness(session: Session, order: Order) -> list[str]:
    """`show witness /b`: all that is shown is in brief."""
    if order.argument not in {"", "/b"}:
        raise UsageError(f"'show witness' takes /b, not {order.argument!r}")
    return list(session.views.wider.lock_order().lines) or ["no lock was taken under another"]


def waits(session: Session, order: Order) -> list[str]:
    """Who waits for whom."""
    del order
    return list(session.views.wider.waits().lines) or ["nobody waits for anybody"]


def show_panic(session: Session, order: Order) -> list[str]:
    """`show panic`."""
    del order
    return ddb.panic(session)


def dmesg(session: Session, order: Order) -> list[str]:
    """The console."""
    del order
    return [line.text for line in session.views.wider.console()] or ["nothing on the console"]


def processes(session: Session, order: Order) -> list[str]:
    """What ps(1) would show."""
    if order.argument not in {"", "-H"}:
        raise UsageError(f"'info processes' takes -H, not {order.argument!r}")
    lines = ["  PID  PPID     TID STAT     WAIT     COMMAND"]
    for row in session.views.wider.processes(threads=bool(order.argument)):
        tid = str(row.tid) if row.tid >= 0 else "-"
        words = f"{row.pid:5} {row.ppid:5} {tid:>7} {row.stat:8} {row.wait or '-':8} {row.command}"
        lines.append(f"{words}  ! {row.note}" if row.note else words)
    return lines


def events(session: Session, order: Order) -> list[str]:
    """The last events."""
    count = number(order.argument, "count", 10_000) if order.argument else 10
    lines = [
        f"{event.step:6} cpu{event.cpu} {event.kind}: {event.text}"
        for event in session.views.events(count)
    ]
    return lines or ["nothing has happened yet"]


def call(session: Session, order: Order) -> NoReturn:
    """Refuse, and say what does."""
    del session, order
    raise UsageError(
        "functions are not called from here: what they do would not be part of the run; "
        "`print`, `x` and `trace` look without touching"
    )


def kill(session: Session, order: Order) -> NoReturn:
    """Refuse, and say what does."""
    del session, order
    raise UsageError(
        "programs are neither run nor ended from here: the scenario has them; "
        "`restart` begins again, `quit` leaves"
    )


def stop_cpu(session: Session, order: Order) -> NoReturn:
    """Refuse, and say what does."""
    del session, order
    raise UsageError(
        "no CPU runs while one types: `machine ddbcpu N` looks at one, `solo` moves it alone"
    )


def write(session: Session, order: Order) -> NoReturn:
    """Refuse, and say what does."""
    del session, order
    raise UsageError(
        "memory is not written from here: a run is its scenario and its choices; "
        "another choice (`pick`) or another scenario gives another value"
    )
