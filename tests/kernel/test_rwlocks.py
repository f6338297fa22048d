"""Reader/writer locks: who waits for whom, what they answer, what they panic about."""

from __future__ import annotations

import importlib
from functools import cache

import pytest

from exittui.errors import InternalError
from exittui.kernel.boot import boot
from exittui.kernel.catalog import BASE, CPU_STRUCT, ROOT
from exittui.kernel.patches.mpi_2025_05.kern import kern_rwlock as asserting
from exittui.kernel.sys.errno import EBUSY
from exittui.kernel.sys.rwlock import RW_READ, RW_WRITE, RWLOCK_READ_INCR
from exittui.machine import Image, Machine, Patch, link
from tests.kernel.small import rwlocks
from tests.kernel.worlds import run


@cache
def image(*, asserts: bool = False) -> Image:
    """The base kernel with the threads of these tests, and with the hunk of the diff or not."""
    modules = [importlib.import_module(f"{ROOT}.{name}") for name in BASE]
    hunks = [Patch("kern/kern_rwlock.c", asserting)] if asserts else []
    return link("rwlocks", [*modules, rwlocks], hunks, root=ROOT, cpu_struct=CPU_STRUCT)


def machine(*functions: str, asserts: bool = False) -> Machine:
    """One CPU, and a kernel thread on its run queue for each of these functions, in turn."""
    made = Machine(image(asserts=asserts), 1)
    boot(made)
    stk = made.globals["proc0"].p_stk
    for number, function in enumerate(functions):
        made.call("kthread_create", function, None, stk, f"{function}{number}")
    made.start()
    return made


def test_a_writer_goes_before_readers_that_came_earlier() -> None:
    """Asleep are reader1, writer2, reader3; the first writer wakes the writer, that all readers."""
    m = machine("first_writer", "reader", "writer", "reader")
    run(m)
    assert m.result is None
    assert m.globals["log"] == (
        ("first_writer0", "writes"),
        ("first_writer0", "has written"),
        ("writer2", "writes"),
        ("reader1", "reads"),
        ("reader3", "reads"),
        ("reader1", "has read"),
        ("reader3", "has read"),
    )
    door = m.globals["door"]
    assert (door.rwl_owner, door.rwl_waiters, door.rwl_readers) == (0, 0, 0)


def test_a_reader_does_not_pass_a_writer_that_waits() -> None:
    """reader0 is in when writer1 comes; reader2 waits behind the writer though the lock is read."""
    m = machine("reader", "writer", "reader")
    run(m)
    assert m.globals["log"] == (
        ("reader0", "reads"),
        ("reader0", "has read"),
        ("writer1", "writes"),
        ("reader2", "reads"),
        ("reader2", "has read"),
    )


def test_readers_share() -> None:
    """The word of the lock counts them."""
    m = machine("reader", "reader", "reader")
    most = 0
    while m.enabled():
        m.step(0)
        most = max(most, m.globals["door"].rwl_owner)
    assert most == 3 * RWLOCK_READ_INCR
    assert m.globals["door"].rwl_owner == 0


def test_what_entering_and_the_status_answer() -> None:
    """Free; read; upgraded; downgraded; read twice: no upgrade, no write; free."""
    assert machine().call("words") == (
        0,
        *(0, RW_READ),
        *(0, RW_WRITE),
        *(0, RW_READ),
        *(EBUSY, EBUSY),
        0,
    )


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("write_twice", "door rwlock door: enter write deadlock"),
        ("read_while_writing", "door rwlock door: enter read deadlock"),
        ("exit_unlocked", "door rwlock door: exit on unlocked lock"),
        ("exit_write_of_a_reader", "door rwlock door: exit write when lock not held"),
        ("exit_read_of_a_writer", "door rwlock door: exit read on write locked lock"),
        ("assert_written", "door rwlock door: lock not held by this process"),
        ("assert_read", "door rwlock door: lock not shared"),
        ("assert_held", "door rwlock door: lock not held"),
        ("assert_not_written", "door rwlock door: lock held"),
    ],
)
def test_misuse_panics(function: str, words: str) -> None:
    with pytest.raises(InternalError, match=words):
        machine().call(function)


def test_entering_with_a_mutex_held_is_noticed_only_with_the_hunk() -> None:
    """AS3: the base asks nothing of whoever finds the lock free."""
    machine().call("write_with_a_mutex")
    with pytest.raises(InternalError, match="non-zero mutex count: 1"):
        machine(asserts=True).call("write_with_a_mutex")


@pytest.mark.parametrize("asserts", [False, True])
def test_trying_with_a_mutex_held_is_allowed(asserts: bool) -> None:
    assert machine(asserts=asserts).call("try_with_a_mutex") == 0
