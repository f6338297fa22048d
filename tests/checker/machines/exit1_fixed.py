"""yardstick/exit1.pml -: the corrected protocol: a thread is freed when it is off its stack."""

from __future__ import annotations

from exittui.machine.lang import atomic_cas, spin
from tests.checker.machines.exit1 import (
    chld,
    exitcnt,
    locks,
    me,
    noted,
    single,
    suspendcnt,
    thread,
    vm,
    zombie,
)


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
            while not thread(i).off:
                spin()
            thread(i).freed = 1
            i += 1
        i += 1
        while i < n:
            while not thread(i).off:
                spin()
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
            while not thread(i).off:
                spin()
            thread(i).freed = 1
            i += 1
        i += 1
        while i < n:
            while not thread(i).off:
                spin()
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
