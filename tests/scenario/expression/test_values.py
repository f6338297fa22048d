"""What expressions say of a run, against Python that looks at the same structs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.kernel.sys.proc import (
    P_THREAD,
    P_WEXIT,
    PS_EXITING,
    PS_SINGLEEXIT,
    PS_ZOMBIE,
    SDEAD,
    SSLEEP,
)
from exittui.machine import walk
from exittui.scenario.expression import Absent, compile  # noqa: A004 - as in re.compile
from tests.scenario.expression.conftest import until_first, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from exittui.scenario.build import Built


class Truth:
    """The same questions answered by hand; a freed struct ends in None."""

    def __init__(self, built: Built) -> None:
        self.machine = built.machine
        self.globals = built.machine.globals
        heap = [one for one in self.machine.memory.heap.values() if one is not None]
        every = {type(one).__name__: [x for x in heap if type(x) is type(one)] for one in heap}
        fields = self.machine.memory.fields
        self.worker: Any = next(x for x in every["process"] if fields(x)["ps_pid"] == 3000)
        self.sh: Any = next(x for x in every["process"] if fields(x)["ps_pid"] == 2000)
        threads = [x for x in every["proc"] if fields(x)["p_tid"] in (3000, 3001, 3002)]
        self.threads: list[Any] = sorted(threads, key=lambda x: int(fields(x)["p_tid"]))
        self.shell: Any = next(x for x in every["proc"] if fields(x)["p_tid"] == 2000)

    def lives(self, target: Any) -> bool:
        """Whether it was not freed."""
        return not self.machine.memory.is_freed(target)

    def cpu(self, number: int) -> Any:
        """The struct of a CPU."""
        return self.machine.infos[number]

    def stack(self, cpu: int) -> list[str]:
        """The functions on its stack."""
        return [frame.function for frame in self.machine.frames(cpu)]


ORACLES: list[tuple[str, Callable[[Truth], Any]]] = [
    ("nthreads", lambda t: t.globals["nthreads"]),
    ("nthreads - 5 > 2", lambda t: t.globals["nthreads"] - 5 > 2),
    ("worker.1.p_stat", lambda t: t.threads[1].p_stat),
    ("thread(3001).p_stat", lambda t: t.threads[1].p_stat),
    ("worker.2.p_stat == SDEAD", lambda t: t.threads[2].p_stat == SDEAD),
    ("worker.2->p_stat != SDEAD", lambda t: t.threads[2].p_stat != SDEAD),
    ("worker.1.p_flag & P_THREAD != 0", lambda t: bool(t.threads[1].p_flag & P_THREAD)),
    ("P_WEXIT in worker.0.p_flag", lambda t: bool(t.threads[0].p_flag & P_WEXIT)),
    ("PS_EXITING in worker.ps_flags", lambda t: bool(t.worker.ps_flags & PS_EXITING)),
    (
        "PS_EXITING | PS_SINGLEEXIT in worker.ps_flags",
        lambda t: t.worker.ps_flags & (PS_EXITING | PS_SINGLEEXIT) == (PS_EXITING | PS_SINGLEEXIT),
    ),
    ("PS_ZOMBIE not in worker.ps_flags", lambda t: not t.worker.ps_flags & PS_ZOMBIE),
    ("worker->ps_pptr", lambda t: t.worker.ps_pptr),
    ("worker.ps_pptr == sh", lambda t: t.worker.ps_pptr is t.sh),
    ("worker.ps_single == worker.2", lambda t: t.worker.ps_single is t.threads[2]),
    ("worker.ps_single == NULL", lambda t: t.worker.ps_single is None),
    ("cpu1.ci_curproc == worker.0", lambda t: t.cpu(1).ci_curproc is t.threads[0]),
    ("cpu0->ci_curproc->p_p->ps_pid", lambda t: t.cpu(0).ci_curproc.p_p.ps_pid),
    ("worker in allprocess", lambda t: t.worker in walk(t.globals["allprocess"], "ps_list")),
    ("worker in zombprocess", lambda t: t.worker in walk(t.globals["zombprocess"], "ps_list")),
    ("len(zombprocess)", lambda t: len(list(walk(t.globals["zombprocess"], "ps_list")))),
    ("!zombprocess", lambda t: t.globals["zombprocess"].lh_first is None),
    ("len(allproc)", lambda t: len(list(walk(t.globals["allproc"], "p_list")))),
    ("len(worker.ps_threads)", lambda t: len(list(walk(t.worker.ps_threads, "p_thr_link")))),
    (
        "worker.1 in worker.ps_threads",
        lambda t: t.threads[1] in walk(t.worker.ps_threads, "p_thr_link"),
    ),
    ("owner(kernel_lock)", lambda t: t.globals["kernel_lock"].mpl_owner),
    ("owner(kernel_lock) == cpu0", lambda t: t.globals["kernel_lock"].mpl_owner is t.cpu(0)),
    ("owner(sched_lock) == cpu1", lambda t: t.globals["sched_lock"].mtx_owner is t.cpu(1)),
    ("held(sched_lock)", lambda t: t.globals["sched_lock"].mtx_owner is not None),
    ("held(worker.ps_mtx)", lambda t: t.worker.ps_mtx.mtx_owner is not None),
    ('at(cpu0, "exit1")', lambda t: "exit1" in t.stack(0)),
    ("at(cpu1, 'mi_switch')", lambda t: "mi_switch" in t.stack(1)),
    (
        "running(worker.0)",
        lambda t: t.threads[0] in [info.ci_curproc for info in t.machine.infos],
    ),
    (
        "sleeping(sh.0)",
        lambda t: (
            t.shell.p_stat == SSLEEP
            and t.shell not in [info.ci_curproc for info in t.machine.infos]
        ),
    ),
    ("wchan(sh.0)", lambda t: t.shell.p_wmesg if t.shell.p_wchan is not None else None),
    ("freed(worker.0)", lambda t: not t.lives(t.threads[0])),
    ("exists(worker)", lambda t: t.lives(t.worker)),
    ("freed(process(3000))", lambda t: not t.lives(t.worker)),
    ("step", lambda t: t.machine.position),
    ("cpu0.ci_schedstate.spc_qs[3].ph_qs", lambda t: t.cpu(0).ci_schedstate.spc_qs[3].ph_qs),
]


@pytest.mark.parametrize(("text", "oracle"), ORACLES, ids=[text for text, _ in ORACLES])
def test_against_the_structs_all_along_a_run(
    kernel: str, text: str, oracle: Callable[[Truth], Any]
) -> None:
    """At 60 places of the run; where Python touches what was freed, there is no value."""
    built, names = world(kernel)
    machine, truth = built.machine, Truth(built)
    expression = compile(text, names)
    machine.goto(0)
    expression(machine)
    for position in range(0, machine.recorded + 1, machine.recorded // 60):
        machine.goto(position)
        value = expression(machine)
        try:
            wanted = oracle(truth)
        except Exception:  # noqa: BLE001 - NULL or freed: what exactly, the dialect says
            assert isinstance(value, Absent), position
        else:
            assert value is wanted or value == wanted, position
            assert expression.words(machine)


START = {
    "worker": "worker",
    "worker.2.p_stat": "7",
    "worker.ps_threads": "[worker, worker.3001, worker.3002]",
    "owner(kernel_lock)": "NULL",
    "waiters(kernel_lock)": "[]",
    "wchan(sh.0)": '"wait"',
    "wchan(worker.0)": "NULL",
    "worker.0.p_list": "worker.3001 ↔ sh",
    "state(worker)": '"alive"',
    "status(worker)": "absent: worker has not exited",
    "result": '""',
    "running(worker.2) and running(worker.0)": "true",
    "sleeping(worker.1) && sleeping(sh.0)": "true",
    'at(sh.0, "sys_wait4")': "true",
    'at(worker.2, "userland")': "true",
    'thread(3001) == worker.1 && process("sh") == sh && process(3000) == worker': "true",
    "init.0.p_p == init && init.ps_pid == 1": "true",
    "sh.0.p_wchan": "sh",
    "NOTE_EXIT": str(0x80000000),
}

END = {
    "worker": "worker",
    "worker.0.p_stat": "absent: worker.0 was freed",
    "worker.ps_threads": "absent: worker was freed",
    "freed(worker) && freed(worker.2)": "true",
    "state(worker)": '"gone"',
    "status(worker)": "absent: worker was freed",
    "result": '"done"',
    "message": '"every program has ended"',
    "wchan(sh.0)": '"sigsusp"',
    "worker == NULL": "false",
    "thread(3002)": "worker.3002",
    "thread(9).p_stat": "absent: there is no thread 9",
    "sleeping(worker.0)": "absent: worker was freed",
}


@pytest.mark.parametrize("text", START)
def test_at_the_start(kernel: str, text: str) -> None:
    built, names = world(kernel)
    built.machine.goto(0)
    assert compile(text, names).words(built.machine) == START[text]


@pytest.mark.parametrize("text", END)
def test_at_the_end(kernel: str, text: str) -> None:
    built, names = world(kernel)
    built.machine.goto(built.machine.recorded)
    assert compile(text, names).words(built.machine) == END[text]


def test_in_exit1(kernel: str) -> None:
    """worker.2 has just come into exit1(), with the kernel lock."""
    built, names = world(kernel)
    machine = built.machine
    cpu = until_first(machine, "exit1")
    for text in (
        f'at(cpu{cpu}, "exit1") && at(worker.2, "exit1") && !at(sh.0, "exit1")',
        f"owner(kernel_lock) == cpu{cpu} and owner(kernel_lock).ci_curproc == worker.2",
        "worker.2 in worker.ps_threads and P_WEXIT not in worker.2.p_flag",
    ):
        assert compile(text, names).holds(machine), text


def test_status_and_state(kernel: str) -> None:
    """Between the setting of PS_EXITING, of PS_ZOMBIE, and the end."""
    built, names = world(kernel)
    machine = built.machine
    state, status = compile("state(worker)", names), compile("status(worker)", names)
    seen: list[tuple[Any, Any]] = []
    for position in range(machine.recorded + 1):
        machine.goto(position)
        found = status(machine)
        now = state(machine), found if found.__class__ is int else None
        if not seen or seen[-1] != now:
            seen.append(now)
    # PS_EXITING is set before the status is: for one step it is that of a process that has none.
    assert [one for one in seen if one != ("exiting", 0)] == [
        ("alive", None),
        ("exiting", 3),
        ("zombie", 3),
        ("gone", None),
    ]


def test_waiters(kernel: str) -> None:
    """Whoever the machine says spins for a lock waits for it, and nobody else."""
    built, names = world(kernel)
    machine = built.machine
    locks = {name: compile(f"waiters({name})", names) for name in ("kernel_lock", "sched_lock")}
    seen = set()
    for position in range(0, machine.recorded, 3):
        machine.goto(position)
        for name, waiters in locks.items():
            lock = machine.globals[name]
            spinning = tuple(
                machine.infos[cpu]
                for cpu in range(machine.ncpu)
                if (wait := machine.wait(cpu)) is not None
                and wait.kind == "spin"
                and any(lock in (one, one.embedded_in) for one in wait.objects)  # type: ignore[attr-defined]
            )
            assert set(spinning) <= set(waiters(machine)), position
            seen.add((name, len(spinning)))
    assert ("kernel_lock", 1) in seen


@pytest.mark.parametrize(("text", "value"), [
    ("7 / 2", 3), ("-7 / 2", -3), ("-7 % 2", -1), ("7 % -2", 1),
    ("1 << 4 | 1", 17), ("~0 & 0xff", 255), ("5 ^ 1", 4), ("256 >> 4", 16), ("-5 - -3", -2),
    ("'a' == \"a\"", True), ("true == !false", True), ("NULL == NULL", True),
    ("4 in 6", True), ("5 in 6", False), ("5 not in 6", True),
])  # fmt: skip
def test_computing(text: str, value: object) -> None:
    """As C computes."""
    built, names = world("reaper")
    assert compile(text, names)(built.machine) == value


def test_what_only_one_kernel_has() -> None:
    built, names = world("reaper")
    built.machine.goto(0)
    assert compile("!deadproc && worker.ps_mainproc == worker.0", names).holds(built.machine)
