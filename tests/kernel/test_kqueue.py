"""Knotes on processes and signals: what they tell, when they go, who may sleep meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import InternalError
from exittui.kernel.sys.errno import EBADF, ESRCH
from exittui.kernel.sys.event import (
    EV_ADD,
    EV_FLAG1,
    EVFILT_PROC,
    EVFILT_SIGNAL,
    NOTE_CHILD,
    NOTE_EXEC,
    NOTE_EXIT,
    NOTE_FORK,
    NOTE_TRACK,
)
from exittui.kernel.sys.signal import SIG_IGN, SIGUSR1
from tests.kernel.worlds import BOTH, MPI, REAPER, SLEEP, at, booted, log, run, run_until

if TYPE_CHECKING:
    from exittui.kernel.boot import Booted

TRACKING = NOTE_EXIT | NOTE_FORK | NOTE_TRACK


def watched(
    kernel: str,
    ncpu: int,
    watcher: list[tuple[Any, ...]],
    worker: list[tuple[Any, ...]],
    *,
    without: tuple[str, ...] = (),
) -> Booted:
    """A shell with the child worker (20), and a watcher (30) that runs before it."""
    world = booted(kernel, ncpu, without=without)
    shell = world.process("shell", pid=10)
    world.thread(shell, [("wait4", 20, 0), SLEEP], cpu=0)
    world.thread(world.process("watcher", pid=30), watcher, cpu=0)
    world.thread(world.process("worker", parent=shell, pid=20), worker, cpu=ncpu - 1)
    world.begin()
    return world


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize("ncpu", [1, 2, 3])
def test_note_exit_brings_the_wait_status(kernel: str, ncpu: int) -> None:
    watcher = [("kevent_add", 20, NOTE_EXIT), ("kevent_read", 1), SLEEP]
    world = watched(kernel, ncpu, watcher, [("compute", 400), ("exit", 3)])
    run(world.machine)
    assert world.machine.result is None
    assert log(world, "watcher") == [
        ("kevent", 0, 0, None),
        ("kevent", 0, 1, ((20, EVFILT_PROC, NOTE_EXIT, 3 << 8),)),
    ]
    assert log(world, "shell") == [("wait4", 0, 20, 3 << 8)]


@pytest.mark.parametrize("kernel", BOTH)
def test_exit_takes_a_knote_off_whatever_it_waits_for(kernel: str) -> None:
    """A knote for forks is told of the exit too: there is nothing more to come."""
    watcher = [("kevent_add", 20, NOTE_FORK), ("kevent_read", 1), SLEEP]
    world = watched(kernel, 2, watcher, [("compute", 400), ("exit", 3)])
    run(world.machine)
    assert log(world, "watcher")[1] == ("kevent", 0, 1, ((20, EVFILT_PROC, 0, 3 << 8),))


@pytest.mark.parametrize("kernel", BOTH)
def test_a_knote_of_a_living_process_goes_with_its_kqueue(kernel: str) -> None:
    world = watched(kernel, 2, [("kevent_add", 20, NOTE_EXIT), ("exit", 0)], [SLEEP])
    machine = world.machine
    run(machine)
    assert machine.result is None
    assert machine.globals["knote_pool"].pr_nout == 0
    assert machine.globals["kqueue_pool"].pr_nout == 0


@pytest.mark.parametrize("kernel", BOTH)
def test_note_exec(kernel: str) -> None:
    watcher = [("kevent_add", 20, NOTE_EXEC), ("kevent_read", 1), SLEEP]
    world = watched(kernel, 2, watcher, [("compute", 400), ("execve", "other", 1, (SLEEP,))])
    run(world.machine)
    assert world.machine.result is None
    assert log(world, "watcher")[1] == ("kevent", 0, 1, ((20, EVFILT_PROC, NOTE_EXEC, 0),))


@pytest.mark.parametrize("kernel", BOTH)
def test_closing_a_kqueue_wakes_its_reader(kernel: str) -> None:
    """The reader finds it dying; the last of the two to let go frees it."""
    closer = [("kevent_add", 20, NOTE_EXIT), ("compute", 400), ("close", -1), ("close", -1), SLEEP]
    reader = [("compute", 200), ("kevent", -1, None, 1, 1), SLEEP]
    world = booted(kernel, 2)
    world.thread(world.process("worker", pid=20), [SLEEP], cpu=0)
    watcher = world.process("watcher", pid=30)
    world.thread(watcher, closer, cpu=0)
    p = world.thread(watcher, reader, cpu=1)
    world.begin()
    run(world.machine)
    assert world.machine.result is None
    assert p.p_program.pg_log == (("kevent", EBADF, EBADF, None),)
    assert [entry[1] for entry in log(world, "watcher")] == [0, 0, EBADF]
    assert world.machine.globals["kqueue_pool"].pr_nout == 0
    assert world.machine.globals["knote_pool"].pr_nout == 0


@pytest.mark.parametrize("kernel", BOTH)
@pytest.mark.parametrize(
    ("late", "function"),
    [(("kevent_read", 1), "filt_procprocess"), (("close", -1), "filt_procdetach")],
)
def test_a_knote_outlives_its_process(kernel: str, late: tuple[object, ...], function: str) -> None:
    """The process is taken by its pointer, without a reference, when its parent has waited for it.

    Reading the event of an exit that late, or closing the kqueue, touches freed memory. Nothing in
    the sources of that time prevents it.
    """
    watcher = [("kevent_add", 20, NOTE_EXIT), ("compute", 3000), late, SLEEP]
    world = watched(kernel, 2, watcher, [("compute", 300), ("exit", 3)])
    machine = world.machine
    run(machine)
    assert machine.result is not None
    assert machine.result.message.startswith("use after free: ps_mtx of worker")
    assert machine.frames(machine.result.cpu)[-1].function == function


@pytest.mark.parametrize("kernel", BOTH)
def test_registering_for_a_process_that_is_not_there(kernel: str) -> None:
    world = watched(kernel, 1, [("kevent_add", 77, NOTE_EXIT), SLEEP], [SLEEP])
    run(world.machine)
    assert log(world, "watcher") == [("kevent", ESRCH, ESRCH, None)]
    assert world.machine.globals["knote_pool"].pr_nout == 0


@pytest.mark.parametrize("kernel", BOTH)
def test_reading_without_a_kqueue(kernel: str) -> None:
    world = watched(kernel, 1, [("kevent_read", 1), SLEEP], [SLEEP])
    run(world.machine)
    assert log(world, "watcher") == [("kevent", EBADF, EBADF, None)]


@pytest.mark.parametrize("kernel", BOTH)
def test_an_ignored_signal_is_counted(kernel: str) -> None:
    watcher = [
        ("sigaction", SIGUSR1, SIG_IGN, 0),
        ("kevent_add", SIGUSR1, "EVFILT_SIGNAL", 0),
        ("kevent_read", 1),
        SLEEP,
    ]
    world = watched(kernel, 2, watcher, [("compute", 400), ("kill", 30, SIGUSR1), SLEEP])
    run(world.machine)
    assert world.machine.result is None
    assert log(world, "watcher")[2:] == [("kevent", 0, 1, ((SIGUSR1, EVFILT_SIGNAL, 0, 1),))]


FORKS = [
    ("compute", 400),
    ("fork", (("compute", 9), ("exit", 4))),
    ("compute", 400),
    ("exit", 3),
]


def test_tracking_a_fork_watches_the_child_too() -> None:
    """NOTE_FORK on the parent, NOTE_CHILD with its pid on the child, NOTE_EXIT on both."""
    read = ("kevent_read", 4)
    watcher = [("kevent_add", 20, TRACKING), read, read, read, SLEEP]
    world = watched(REAPER, 2, watcher, FORKS)
    run(world.machine)
    assert world.machine.result is None
    events = [event for call in log(world, "watcher") for event in call[3] or ()]
    child = next(ident for ident, *_ in events if ident != 20)
    assert sorted(events) == sorted(
        [
            (20, EVFILT_PROC, NOTE_FORK, 0),
            (child, EVFILT_PROC, NOTE_CHILD, 20),
            (child, EVFILT_PROC, NOTE_EXIT, 4 << 8),
            (20, EVFILT_PROC, NOTE_EXIT, 3 << 8),
        ]
    )


def test_tracking_a_fork_allocates_with_a_mutex_held_under_the_diff() -> None:
    """AS1, AS3: knote_processfork() holds kqueue_ps_list_lock, a mutex now, and registers."""
    world = watched(MPI, 2, [("kevent_add", 20, TRACKING), ("kevent_read", 4), SLEEP], FORKS)
    machine = world.machine
    run(machine)
    assert machine.result is not None
    assert machine.result.message == "non-zero mutex count: 1"
    assert [frame.function for frame in machine.frames(machine.result.cpu)][-7:] == [
        "fork1",
        "knote_processfork",
        "knote_locked",
        "filt_proc",
        "kqueue_register",
        "pool_get",
        "assertwaitok",
    ]


@pytest.mark.parametrize(
    ("without", "message"),
    [
        (("kern/kern_event.c",), "deads don't sleep"),
        (("kern/kern_event.c", "kern/subr_xxx.c"), None),
        (("kern/kern_event.c", "kern/kern_rwlock.c"), None),
    ],
)
def test_the_diff_without_its_mutex(without: tuple[str, ...], message: str | None) -> None:
    """AS2: a rwlock in knote_processexit() is refused to the dead, if both asserting hunks are in.

    Without either the lock is free here, and nobody notices.
    """
    watcher = [("kevent_add", 20, NOTE_EXIT), ("kevent_read", 1), SLEEP]
    world = watched(MPI, 2, watcher, [("compute", 400), ("exit", 3)], without=without)
    run(world.machine)
    result = world.machine.result
    assert (result and result.message) == message


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (REAPER, "kqpsl rwlock kqueue_ps_list_lock: lock not held by this process"),
        (MPI, "mutex kqueue_ps_list_lock not held in MUTEX_ASSERT_LOCKED"),
    ],
)
def test_registering_for_a_child_needs_the_list_lock(kernel: str, message: str) -> None:
    """AS16."""
    world = watched(kernel, 1, [SLEEP], [SLEEP])
    machine = world.machine
    run(machine)
    fdp = machine.globals["process0"].ps_fd
    kq = machine.call("kqueue_alloc", fdp)
    flags = EV_ADD | EV_FLAG1
    kev = machine.memory.allocate("kevent", {"ident": 20, "filter": EVFILT_PROC, "flags": flags})
    with pytest.raises(InternalError, match=message):
        machine.call("kqueue_register", kq, kev, None)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (REAPER, "kqpsl rwlock kqueue_ps_list_lock: lock not held by this process"),
        (MPI, "mutex kqueue_ps_list_lock not held in MUTEX_ASSERT_LOCKED"),
    ],
)
def test_tracking_needs_the_list_lock(kernel: str, message: str) -> None:
    """AS16: filt_proc() called by somebody who has not taken it."""
    world = watched(kernel, 1, [("kevent_add", 20, TRACKING), SLEEP], [SLEEP])
    machine = world.machine
    run(machine)
    kn = next(
        s for s in machine.memory.heap.values() if s is not None and type(s).__name__ == "knote"
    )
    with pytest.raises(InternalError, match=message):
        machine.call("filt_proc", kn, NOTE_FORK | 10)


@pytest.mark.parametrize(
    ("function", "field", "assertion"),
    [
        ("kqueue_terminate", "kq_count", "kq.kq_count == 0"),
        ("KQRELE", "kq_nknotes", "kq.kq_nknotes == 0"),
    ],
)
def test_a_kqueue_must_be_empty_when_it_goes(function: str, field: str, assertion: str) -> None:
    """AS18."""
    world = watched(REAPER, 1, [("kqueue",), ("exit", 0)], [SLEEP])
    machine = world.machine
    run_until(machine, lambda: at(machine, 0, function, assertion))
    machine.poke(machine.frames(0)[-1].variables["kq"], field, 1)
    run(machine)
    assert machine.result is not None
    assert f'assertion "{assertion}" failed' in machine.result.message


@pytest.mark.parametrize("kernel", BOTH)
def test_closing_a_kqueue_takes_the_lock_of_the_descriptor_table(kernel: str) -> None:
    """And sleeps for it, if somebody else has it: the word of the lock is never taken over."""
    world = watched(kernel, 1, [("kqueue",), ("exit", 0)], [SLEEP])
    machine = world.machine
    run_until(machine, lambda: at(machine, 0, "fdplock") and _in(world, "KQRELE"))
    fdp = machine.infos[0].ci_curproc.p_p.ps_fd
    other = machine.globals["proc0"]
    machine.poke(fdp.fd_lock, "rwl_owner", other)
    p = machine.infos[0].ci_curproc
    run(machine)
    assert machine.result is None
    assert p.p_wmesg == "fdlock"
    assert fdp.fd_lock.rwl_waiters == 1
    assert fdp.fd_lock.rwl_owner is other


def _in(world: Booted, function: str) -> bool:
    return function in [frame.function for frame in world.machine.frames(0)]
