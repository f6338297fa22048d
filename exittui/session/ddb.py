"""What ddb(4) prints: ps, trace, show proc and the like, in its own columns.

Addresses are those of the model: the number of the struct, times 64, in the direct map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.proc import SONPROC
from exittui.machine import describe, label, struct
from exittui.session import telling
from exittui.session.asking import BYTES, DIRECT_MAP
from exittui.session.naming import P_FLAGS, PS_FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.session import Session

_STATES: Final = ("idle", "run", "sleep", "stop", "zombie", "dead", "onproc")
_FEW: Final = 10


def pointer(value: Any) -> str:
    """An address as %p prints it."""
    if isinstance(value, tuple):
        value = value[0]
    if not isinstance(value, struct):
        return "0x0" if not value else str(value)
    return f"{DIRECT_MAP + BYTES * int(value.__dict__['_oid']):#x}"


def bits(value: int, known: tuple[tuple[int, str], ...]) -> str:
    """Flags as %b prints them: `2000<WEXIT>`."""
    names = ",".join(name for bit, name in known if value & bit)
    return f"{value:x}<{names}>" if names else f"{value:x}"


# -- ps --------------------------------------------------------------------------------------------

_HEADS: Final = {
    "a": f"    TID  {'COMMAND':9}  {'STRUCT PROC *':>18}  {'UAREA *':>18}  {'VMSPACE/VM_MAP':>18}",
    "n": f"   PID  {'TID':>6}  {'PPID':>5}  {'UID':>5}  S  {'FLAGS':>10}  {'WAIT':12}  COMMAND",
    "w": f"    TID  {'COMMAND':15}  {'PGRP':5}  {'WAIT-CHANNEL':>18}  WAIT-MSG",
    "o": f"    TID  {'PID':>5}  {'UID':>5}  {'PRFLAGS':>10} {'PFLAGS':>10}  CPU  COMMAND",
}
USAGE: Final = (
    "usage: show all procs [/a] [/n] [/w] [/o]",
    "\t/a == show process address info",
    "\t/n == show normal process info [default]",
    "\t/w == show process pgrp/wait info",
    "\t/o == show normal info for non-idle SONPROC",
)


def ps(session: Session, mode: str = "n") -> list[str]:
    """`ps /anow`: db_show_all_procs()."""
    if mode not in _HEADS:
        return list(USAGE)
    things = session.views.things
    lists = ("allprocess",) if mode == "o" else ("allprocess", "zombprocess")
    rows = [
        _row(session, mode, pr, p)
        for name in lists
        for pr in things.walk(things.variable(name), "ps_list")
        for p in things.walk(things.read(pr, "ps_threads"), "p_thr_link")
        if mode != "o" or _busy(session, p)
    ]
    return [_HEADS[mode], *rows]


def _busy(session: Session, p: struct) -> bool:
    """Whether a thread is on a CPU, and not its idle one."""
    read = session.views.things.read
    spc = read(read(p, "p_cpu"), "ci_schedstate")
    return read(p, "p_stat") == SONPROC and read(spc, "spc_idleproc") is not p


def _row(session: Session, mode: str, pr: struct, p: struct) -> str:
    read = session.views.things.read
    curproc = session.machine.infos[session.focus].ci_curproc
    star = "*" if p is curproc else " "
    name, uid = read(pr, "ps_comm", ""), read(read(pr, "ps_ucred"), "cr_ruid", 0)
    asleep = read(p, "p_wchan") is not None
    message = (read(p, "p_wmesg") or "") if asleep else ""
    tid, pid = read(p, "p_tid", 0), read(pr, "ps_pid", 0)
    if mode == "a":
        area, space = pointer(read(p, "p_addr")), pointer(read(p, "p_vmspace"))
        return f"{star}{tid:6}  {name[:9]:9}  {pointer(p):>18}  {area:>18}  {space:>18}"
    if mode == "n":
        parent = read(pr, "ps_pptr")
        ppid = read(parent, "ps_pid", 0) if parent is not None else -1
        flags = read(p, "p_flag", 0) | read(pr, "ps_flags", 0)
        row = f"{star}{pid:5}  {tid:6}  {ppid:5}  {uid:5}  {read(p, 'p_stat')}"
        return f"{row}  {_hex(flags)}  {message[:12]:12}  {name}"
    if mode == "w":
        group = read(read(pr, "ps_pgrp"), "pg_id", -1)
        channel = pointer(read(p, "p_wchan"))
        return f"{star}{tid:6}  {name:15}  {group:<5}  {channel:>18}  {message}".rstrip()
    cpu = read(p, "p_cpu")
    lock = session.views.things.variable("kernel_lock")
    held = "K" if cpu is not None and read(lock, "mpl_owner") is cpu else " "
    row = f"{star}{tid:6}  {pid:5}  {uid:5}  {_hex(read(pr, 'ps_flags', 0))}"
    return f"{row} {_hex(read(p, 'p_flag', 0))}  {read(cpu, 'ci_cpuid', 0):3}{held} {name}"


def _hex(value: int) -> str:
    """A number as %#10x prints it: 0 has no 0x."""
    return f"{value:#10x}" if value else f"{value:10}"


# -- stacks ----------------------------------------------------------------------------------------


def stopped_at(session: Session, cpu: int) -> str:
    """`Stopped at      exit1+0x2f: …`."""
    statement = session.machine.next_statement(cpu)
    where = telling.location(session, statement)
    return f"{'Stopped at':15} {where}: {telling.one_line(statement.text)}"


def trace(session: Session, cpu: int) -> list[str]:
    """`trace` of what a CPU stands on."""
    return trace_of(session, session.views.wider.inspector.cpu_frames(cpu))


def trace_of(session: Session, frames: list[Any]) -> list[str]:
    """`exit1(worker.3002,0,3,1) at exit1+0x2f`, innermost first, and the end of the trace."""
    lines = []
    for frame in frames:
        statement = session.machine.image.statements[frame[0]]
        given = telling.arguments(session, frame, named=False)
        lines.append(f"{statement.function}({given}) at {telling.location(session, statement)}")
    return [*lines, f"end of kernel: {len(frames)} frames" if lines else "no stack"]


# -- show ------------------------------------------------------------------------------------------


def proc(session: Session, p: struct) -> list[str]:
    """`show proc`: proc_printit()."""
    read = session.views.things.read
    pr = read(p, "p_p")
    state = read(p, "p_stat", 0)
    word = _STATES[state - 1] if 0 < state <= len(_STATES) else str(state)
    single = describe(session.machine.memory, read(pr, "ps_single"))
    channel = read(p, "p_wchan")
    message = (read(p, "p_wmesg") or "") if channel is not None else ""
    following = read(p, "p_runq")
    listed = read(p, "p_list")
    ecnt = read(pr, "ps_exitcnt")
    return [
        (
            f"PROC ({read(pr, 'ps_comm')}) tid={read(p, 'p_tid')} pid={read(pr, 'ps_pid')} "
            f"tcnt={read(pr, 'ps_threadcnt')} stat={word}"
        ),
        (
            f"    flags process={bits(read(pr, 'ps_flags', 0), PS_FLAGS)} "
            f"proc={bits(read(p, 'p_flag', 0), P_FLAGS)}"
        ),
        (
            f"    runpri={read(p, 'p_runpri')}, usrpri={read(p, 'p_usrpri')}, "
            f"slppri={read(p, 'p_slppri')}, nice={read(pr, 'ps_nice')}"
        ),
        (
            f"    wchan={pointer(channel)}, wmesg={message}, ps_single={single} "
            f"scnt={_signed(read(pr, 'ps_suspendcnt', 0))} ecnt={ecnt}"
        ),
        (
            f"    forw={pointer(following[1] if following else None)}, "
            f"list={pointer(listed[1] if listed else None)},{pointer(listed)}"
        ),
        (
            f"    process={pointer(pr)} user={pointer(read(p, 'p_addr'))}, "
            f"vmspace={pointer(read(p, 'p_vmspace'))}"
        ),
        f"    estcpu={read(p, 'p_estcpu')}, pctcpu={read(p, 'p_pctcpu')}",
    ]


def _signed(count: int) -> int:
    return count - (1 << 32) if count >> 31 else count


def process(session: Session, pr: struct) -> list[str]:
    """`show process`: its numbers, flags, threads and children."""
    things, naming = session.views.things, session.views.naming
    read, walk = things.read, things.walk
    parent = read(pr, "ps_pptr")
    lines = [
        (
            f"PROCESS ({read(pr, 'ps_comm')}) pid={read(pr, 'ps_pid')} "
            f"ppid={read(parent, 'ps_pid', -1)} threads={read(pr, 'ps_threadcnt')} "
            f"exitcnt={read(pr, 'ps_exitcnt')} xexit={read(pr, 'ps_xexit')} "
            f"xsig={read(pr, 'ps_xsig')}"
        ),
        f"    flags={bits(read(pr, 'ps_flags', 0), PS_FLAGS)}",
        (
            f"    single={describe(session.machine.memory, read(pr, 'ps_single'))} "
            f"scnt={_signed(read(pr, 'ps_suspendcnt', 0))} "
            f"vmspace={pointer(read(pr, 'ps_vmspace'))}"
        ),
    ]
    for name, head, link, show in (
        ("threads", "ps_threads", "p_thr_link", naming.thread),
        ("children", "ps_children", "ps_sibling", naming.process),
        ("orphans", "ps_orphans", "ps_orphan", naming.process),
    ):
        members = ", ".join(show(one) for one in walk(read(pr, head), link))
        lines.append(f"    {name}: {members or '-'}")
    return lines


def _lock_line(session: Session, lock: struct) -> str:
    """`exclusive kernel_lock &kernel_lock r = 1 (0x…)`, as witness(4) lists it."""
    things = session.views.things
    kind = type(lock).__name__
    word, depth = "exclusive", 0
    if kind == "mp_lock":
        depth = int(things.read(things.read(lock, "mpl_owner"), "ci_mplc_depth", 1)) - 1
    if kind == "rwlock" and isinstance(things.read(lock, "rwl_owner"), int):
        word = "shared"
    shown = {"mp_lock": "kernel_lock", "rwlock": "rwlock", "mutex": "mutex"}[kind]
    name = session.views.naming.lock(lock)
    return f"{word} {shown} {name} r = {depth} ({pointer(lock)})"


def held(session: Session) -> dict[int, tuple[struct | None, list[struct]]]:
    """By thread, the locks it holds: by its CPU those that spin, by itself those that sleep."""
    things = session.views.things
    found: dict[int, tuple[struct | None, list[struct]]] = {}
    for lock in session.views.held_locks():
        owner = things.read(lock, _OWNER[type(lock).__name__])
        thread = owner
        if type(owner).__name__ == "cpu_info":
            thread = things.read(owner, "ci_curproc")
        if not isinstance(thread, struct):
            thread = None
        found.setdefault(id(thread), (thread, []))[1].append(lock)
    return found


_OWNER: Final = {"mutex": "mtx_owner", "rwlock": "rwl_owner", "mp_lock": "mpl_owner"}


def all_locks(session: Session) -> list[str]:
    """`show all locks`."""
    lines: list[str] = []
    for thread, locks in held(session).values():
        lines += _of_thread(session, thread, locks)
    return lines or ["no locks are held"]


def locks_of(session: Session, p: struct) -> list[str]:
    """`show locks` of one thread."""
    for thread, locks in held(session).values():
        if thread is p:
            return [_lock_line(session, lock) for lock in locks]
    return [f"{session.views.naming.thread(p)} holds no locks"]


def _of_thread(session: Session, thread: struct | None, locks: list[struct]) -> Iterator[str]:
    read = session.views.things.read
    if thread is None:
        yield "Readers that the locks do not name"
    else:
        pr = read(thread, "p_p")
        yield (
            f"Process {read(pr, 'ps_pid')} ({read(pr, 'ps_comm')}) "
            f"thread {pointer(thread)} ({read(thread, 'p_tid')})"
        )
    for lock in locks:
        yield _lock_line(session, lock)


def panic(session: Session) -> list[str]:
    """`show panic`."""
    result = session.machine.result
    if result is None:
        return ["the kernel did not panic"]
    word = "" if result.kind == "panic" else "violation: "
    return [f"*cpu{result.cpu}: {word}{result.message}"]


def cpuinfo(session: Session) -> list[str]:
    """`machine cpuinfo`."""
    return [
        f"{'*' if cpu == session.focus else ' '}{cpu:4}: "
        f"{'ddb' if cpu == session.focus else 'stopped'}"
        for cpu in range(session.machine.ncpu)
    ]


def vm_map(session: Session, space: struct) -> list[str]:
    """`show map`: what of a memory map is modelled."""
    memory = session.machine.memory
    lines = [f"MAP {pointer(space)}: {label(memory, space)}"]
    for name, value in memory.fields(space).items():
        lines.append(f"    {name}={describe(memory, value)}")
    return lines
