"""yardstick/exit1.pml -: threads that exit and a parent that waits, as in the yardstick.

N threads leave a process. The first calls exit1() and makes the others leave; whoever counts
itself out last tears the process down and frees the others, off their stacks or not. Thread i is
what cpu i runs; the parent runs on the last CPU. A lock is a bit, as there.

What a step is: one statement of the yardstick, a guard being a statement, with these exceptions.
A thread begins at its first lock, `i=0` and the parent's `assert(zombie)` take no step of their
own, `if :: exitcnt==N -> last=1 :: else fi` is the one step `last = exitcnt == n`, and without the
assertion its place stays a step that does nothing. Then the states are those that other checkers
count.
"""

from __future__ import annotations

from typing import Any, cast

from exittui.machine.lang import (
    KASSERT,
    atomic_cas,
    cpus,
    macro,
    spin,
    struct,
    this_cpu,
    variable,
)


class cpu(struct):
    number: int = 0
    sdead: int = 0
    off: int = 0
    freed: int = 0


class shared(struct):
    ps_mtx: int = 0
    klock: int = 0
    kqlock: int = 0


asserts: int = variable(1)
single: int = variable(0)
suspendcnt: int = variable(0)
exitcnt: int = variable(0)
vm: int = variable(0)
noted: int = variable(0)
zombie: int = variable(0)
chld: int = variable(0)
reaped: int = variable(0)
locks: shared = variable(shared)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def thread(i: int) -> cpu:
    return cast("cpu", cpus()[i])


def first(number: int, n: int, i: int) -> None:
    """exit1(EXIT_NORMAL) of thread 0."""
    global single, suspendcnt, exitcnt, vm, noted, zombie, chld
    while not atomic_cas(locks, "ps_mtx", 0, 1):
        spin()
    single = 1
    suspendcnt = n
    suspendcnt -= 1
    locks.ps_mtx = 0
    while suspendcnt != 0:
        spin()
    while not atomic_cas(locks, "ps_mtx", 0, 1):
        spin()
    exitcnt += 1
    last = exitcnt == n
    locks.ps_mtx = 0
    if last:
        while not atomic_cas(locks, "klock", 0, 1):
            spin()
        locks.klock = 0
        vm = 1
        vm = 2
        vm = 3
        while not atomic_cas(locks, "klock", 0, 1):
            spin()
        while i < number:
            KASSERT(thread(i).off or not asserts)
            thread(i).freed = 1
            i += 1
        i += 1
        while i < n:
            KASSERT(thread(i).off or not asserts)
            thread(i).freed = 1
            i += 1
        while not atomic_cas(locks, "kqlock", 0, 1):
            spin()
        while not atomic_cas(locks, "ps_mtx", 0, 1):
            spin()
        noted = 1
        locks.ps_mtx = 0
        locks.kqlock = 0
        zombie = 1
        chld = 1
        locks.klock = 0
    me().sdead = 1
    me().off = 1


def other(number: int, n: int, i: int) -> None:
    """exit1() of a thread that was told to leave."""
    global suspendcnt, exitcnt, vm, noted, zombie, chld
    while not single:
        spin()
    while not atomic_cas(locks, "ps_mtx", 0, 1):
        spin()
    exitcnt += 1
    last = exitcnt == n
    suspendcnt -= 1
    locks.ps_mtx = 0
    if last:
        while not atomic_cas(locks, "klock", 0, 1):
            spin()
        locks.klock = 0
        vm = 1
        vm = 2
        vm = 3
        while not atomic_cas(locks, "klock", 0, 1):
            spin()
        while i < number:
            KASSERT(thread(i).off or not asserts)
            thread(i).freed = 1
            i += 1
        i += 1
        while i < n:
            KASSERT(thread(i).off or not asserts)
            thread(i).freed = 1
            i += 1
        while not atomic_cas(locks, "kqlock", 0, 1):
            spin()
        while not atomic_cas(locks, "ps_mtx", 0, 1):
            spin()
        noted = 1
        locks.ps_mtx = 0
        locks.kqlock = 0
        zombie = 1
        chld = 1
        locks.klock = 0
    me().sdead = 1
    me().off = 1


def parent() -> Any:
    """wait4(): until a child has died, then collect it."""
    global reaped
    while not chld:
        spin()
    while not atomic_cas(locks, "klock", 0, 1):
        spin()
    reaped = 1
    locks.klock = 0
