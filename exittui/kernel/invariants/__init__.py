"""What every kernel should keep: rules on a running machine, and on one that stands still.

`watch(machine)` binds the rules that can be broken by a single step to the statements that can
break them (see exittui/machine/monitor.py); what breaks one stops the run with a violation whose
message begins with the rule's number. `standing(machine)` judges a machine on which nothing more
happens.

Some rules the machine keeps by itself: I1 for stacks ("runs on a freed stack") and I3 ("use after
free", "queue corrupted"). I11 is for the greater part what the kernel's assertions say.

* I1 a stack or a thread is freed only when no CPU runs on it or has it as curproc
* I2 a pmap is destroyed only when no CPU has it in %cr3
* I3 no freed object is used
* I4 a filedesc is freed only when no other thread can still use it
* I5 what is torn down or a zombie has PS_EXITING, and its exit status is that of its last exit
* I6 what has exited is freed in the end, if somebody waits (standing)
* I7 after a shootdown no CPU keeps a translation that the page table no longer has
* I8 time is conserved (standing, of the ticks that the threads of a scenario begin with)
* I9 nobody sleeps in wait4() while there is a child it could collect (standing)
* I10 each pid is reaped once; nobody sleeps in wait4() without children (standing)
* I11 no switch with a mutex held but sched_lock
* I12 the dead do not get up: SDEAD is final, and on no sleep queue
* I13 nthreads and nprocesses are the numbers of threads and processes (standing)
* I14 the kernel lock is held in sched_exit(), and not in uvm_exit() and uvm_purge()
* I16 ci_proc_pmap agrees with the running thread and %cr3, looked at when a switch or a change of
  maps is over; pmap_kernel counts as nothing, for its changes go to all CPUs
* I17 the order of locks has no circles, who releases a lock has it, user mode has none
* I18 nobody spins or sleeps for ever for a lock (standing)
* I19 the dead are not kept while their process lives on (standing)
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from exittui.machine import Machine


RULES = ("I6", "I8", "I9", "I10", "I13", "I18", "I19")
"""What is judged where nothing more can happen: by `standing()`, and I8 by `conserved()`."""

_WATCHED: WeakSet[Machine] = WeakSet()


def watch(machine: Machine) -> None:
    """Have the machine stop at the step that breaks a rule. Once is enough; more is no harm."""
    if machine in _WATCHED:
        return
    _WATCHED.add(machine)
    from exittui.kernel.invariants import locks, maps, threads  # noqa: PLC0415 - few runs start

    threads.watch(machine)
    maps.watch(machine)
    locks.watch(machine)
