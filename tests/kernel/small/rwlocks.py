"""Machine code for tests: kernel threads that take a rwlock and say so in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curproc
from exittui.kernel.sys.mutex import IPL_HIGH, mutex
from exittui.kernel.sys.rwlock import (
    RW_DOWNGRADE,
    RW_NOSLEEP,
    RW_READ,
    RW_UPGRADE,
    RW_WRITE,
    rwlock,
)
from exittui.machine.lang import variable

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_lock import mtx_enter
    from exittui.kernel.kern.kern_rwlock import (
        rw_assert_anylock,
        rw_assert_rdlock,
        rw_assert_unlocked,
        rw_assert_wrlock,
        rw_enter,
        rw_enter_read,
        rw_enter_write,
        rw_exit,
        rw_exit_read,
        rw_exit_write,
        rw_status,
    )
    from exittui.kernel.kern.kern_synch import tsleep_nsec
    from exittui.kernel.kern.sched_bsd import yield_

door: rwlock = variable(rwlock, rwl_name="door")
latch: mutex = variable(mutex, mtx_wantipl=IPL_HIGH)
bed: rwlock = variable(rwlock)
log: tuple[Any, ...] = variable(())


def enters(what: str) -> None:
    """Add a line to the log."""
    global log
    log = log + ((curproc().p_name, what),)


def rest() -> None:
    """Sleep until woken, which nobody does."""
    tsleep_nsec(bed, 0, "rest", 0)


def first_writer(arg: Any) -> None:
    """Write, and let all others run meanwhile."""
    rw_enter_write(door)
    enters("writes")
    yield_()
    rw_assert_wrlock(door)
    enters("has written")
    rw_exit_write(door)
    rest()


def writer(arg: Any) -> None:
    """Write once."""
    rw_enter_write(door)
    enters("writes")
    rw_exit(door)
    rest()


def reader(arg: Any) -> None:
    """Read once, letting all others run meanwhile."""
    rw_enter_read(door)
    rw_assert_rdlock(door)
    enters("reads")
    yield_()
    enters("has read")
    rw_exit_read(door)
    rest()


def words() -> tuple[Any, ...]:
    """What rw_status() and rw_enter() answer, in turn, as a lock changes hands within a thread."""
    seen: tuple[Any, ...] = ()
    status = rw_status(door)
    seen = seen + (status,)
    error = rw_enter(door, RW_READ)
    status = rw_status(door)
    seen = seen + (error, status)
    error = rw_enter(door, RW_UPGRADE | RW_NOSLEEP)
    status = rw_status(door)
    seen = seen + (error, status)
    error = rw_enter(door, RW_DOWNGRADE)
    status = rw_status(door)
    seen = seen + (error, status)
    rw_enter_read(door)
    error = rw_enter(door, RW_UPGRADE | RW_NOSLEEP)
    seen = seen + (error,)
    error = rw_enter(door, RW_WRITE | RW_NOSLEEP)
    seen = seen + (error,)
    rw_exit(door)
    rw_exit(door)
    status = rw_status(door)
    return seen + (status,)


def write_twice() -> None:
    """Enter for writing what this thread writes already."""
    rw_enter_write(door)
    rw_enter_write(door)


def read_while_writing() -> None:
    """Enter for reading what this thread writes."""
    rw_enter_write(door)
    rw_enter_read(door)


def exit_unlocked() -> None:
    """Leave a lock that nobody has."""
    rw_exit(door)


def exit_write_of_a_reader() -> None:
    """Leave as a writer what is only read."""
    rw_enter_read(door)
    rw_exit_write(door)


def exit_read_of_a_writer() -> None:
    """Leave as a reader what is written."""
    rw_enter_write(door)
    rw_exit_read(door)


def assert_written() -> None:
    """Claim to write."""
    rw_assert_wrlock(door)


def assert_read() -> None:
    """Claim that it is read."""
    rw_enter_write(door)
    rw_assert_rdlock(door)


def assert_held() -> None:
    """Claim that it is held."""
    rw_assert_anylock(door)


def assert_not_written() -> None:
    """Claim not to write."""
    rw_enter_write(door)
    rw_assert_unlocked(door)


def write_with_a_mutex() -> None:
    """Enter a lock that is free, with a mutex held."""
    mtx_enter(latch)
    rw_enter_write(door)


def try_with_a_mutex() -> int:
    """Try to enter a lock, with a mutex held: that is allowed."""
    mtx_enter(latch)
    return rw_enter(door, RW_WRITE | RW_NOSLEEP)
