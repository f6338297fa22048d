"""Mutexes and the kernel lock, on CPUs without a scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.checker.bare import Bare
from exittui.checker.check import Options, check
from exittui.errors import InternalError
from exittui.kernel.arch.amd64 import cpu, intr
from exittui.kernel.arch.amd64 import proc as md_proc
from exittui.kernel.boot import boot
from exittui.kernel.kern import kern_lock, subr_pool, subr_xxx
from exittui.kernel.sys import mplock, mutex, pool, proc, sched, systm
from exittui.kernel.sys.mutex import IPL_HIGH, IPL_NONE, IPL_VM
from exittui.kernel.sys.pool import PR_NOWAIT, PR_WAITOK
from exittui.machine import Image, Machine, RoundRobin, Schedule, Scripted, link
from tests.kernel import worlds
from tests.kernel.small import locks

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = [
    cpu, intr, md_proc, mplock, mutex, pool, proc, sched, systm, kern_lock, subr_pool, subr_xxx,
    locks,
]  # fmt: skip


@pytest.fixture(scope="module")
def image() -> Image:
    return link("locks", MODULES, root="exittui.kernel", cpu_struct=("cpu_info", "ci_cpuid"))


def running(image: Image, *functions: str) -> Machine:
    """A machine with a CPU for each function, about to call it."""
    machine = Machine(image, len(functions))
    for number, function in enumerate(functions):
        machine.begin(number, function)
    machine.start()
    return machine


def ends(machine: Machine) -> Iterator[Machine]:
    """Every state in which no CPU can go on, whatever order led to it, once."""
    seen = {machine.fingerprint()}
    untried = [list(machine.enabled())]
    while untried:
        if not untried[-1]:
            untried.pop()
            machine.undo()
            continue
        machine.step(untried[-1].pop())
        if machine.fingerprint() in seen:
            machine.undo()
            continue
        seen.add(machine.fingerprint())
        untried.append(list(machine.enabled()))
        if not machine.enabled():
            yield machine


def test_a_mutex_makes_two_steps_one(image: Image) -> None:
    """However the steps of two CPUs mix, none of the two increments is lost."""
    found = 0
    for machine in ends(running(image, "count_with_mutex", "count_with_mutex")):
        found += 1
        assert machine.result is None
        assert machine.globals["counter"] == 2
        assert machine.globals["low"].mtx_owner is None
    assert found == 1


def test_a_cpu_spins_for_a_held_mutex_and_goes_on_when_it_is_left(image: Image) -> None:
    machine = running(image, "count_with_mutex", "count_with_mutex")
    owner = machine.globals["low"]
    while owner.mtx_owner is None:
        machine.step(0)
    while machine.ready(1):
        machine.step(1)
    wait = machine.wait(1)
    assert wait is not None
    assert wait.kind == "spin"
    assert owner in wait.objects
    while owner.mtx_owner is not None:
        machine.step(0)
    assert machine.ready(1)
    machine.step(1)
    assert owner.mtx_owner is machine.infos[1]


def test_a_mutex_raises_the_priority_level_and_counts(image: Image) -> None:
    """Into low: IPL_VM, 1; into high: IPL_HIGH, 2; and back the same way."""
    machine = running(image, "nest")
    seen = [(IPL_NONE, 0)]
    while machine.enabled():
        machine.step(0)
        ci = machine.infos[0]
        if (ci.ci_ipl, ci.ci_mutex_level) != seen[-1]:
            seen.append((ci.ci_ipl, ci.ci_mutex_level))
    assert seen == [
        (IPL_NONE, 0), (IPL_VM, 0), (IPL_VM, 1), (IPL_HIGH, 1), (IPL_HIGH, 2),
        (IPL_HIGH, 1), (IPL_VM, 1), (IPL_VM, 0), (IPL_NONE, 0),
    ]  # fmt: skip


def test_trying_a_held_mutex_fails_and_puts_the_level_back(image: Image) -> None:
    machine = Machine(image, 2)
    assert machine.call("try_low", cpu=1) == 1
    assert machine.call("try_low", cpu=0) == 0
    assert machine.infos[0].ci_ipl == IPL_NONE
    assert machine.infos[0].ci_mutex_level == 0


def test_the_kernel_lock_is_served_first_come_first_served(image: Image) -> None:
    """cpu2 queues before cpu1 while cpu0 has the lock; whoever is fast later, the order stays."""
    machine = running(image, "in_order", "in_order", "in_order")
    lock = machine.globals["kernel_lock"]
    while lock.mpl_owner is None:
        machine.step(0)
    for number in (2, 1):
        while machine.ready(number):
            machine.step(number)
    machine.run(RoundRobin(), 1000)
    assert machine.globals["order"] == (0, 2, 1)
    assert lock.mpl_owner is None
    assert [machine.infos[number].ci_mplc_depth for number in range(3)] == [0, 0, 0]


def test_all_levels_of_the_kernel_lock_go_and_come_back(image: Image) -> None:
    machine = running(image, "release_all")
    machine.run(RoundRobin(), 1000)
    assert machine.result is None
    assert machine.globals["hold_count"] == 3
    assert machine.infos[0].ci_mplc_depth == 3
    assert machine.globals["kernel_lock"].mpl_owner is machine.infos[0]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("enter_twice", "mtx low: locking against myself"),
        ("leave_unheld", "mutex low not held in mtx_leave"),
        ("assert_low_locked", "mutex low not held in MUTEX_ASSERT_LOCKED"),
        ("assert_low_unlocked", "mutex low held in MUTEX_ASSERT_UNLOCKED"),
        ("wait_with_mutexes", "assertwaitok: non-zero mutex count: 2"),
        ("kernel_lock_with_sched_lock", "mutex sched_lock held in _kernel_lock"),
        (
            "claim_kernel_lock",
            'kernel diagnostic assertion "_kernel_lock_held()" failed: file "sys/systm.h"',
        ),
        (
            "deny_kernel_lock",
            'kernel diagnostic assertion "not _kernel_lock_held()" failed: file "sys/systm.h"',
        ),
    ],
)
def test_misuse_panics_with_the_words_of_the_kernel(
    image: Image, function: str, message: str
) -> None:
    machine = running(image, function)
    machine.run(RoundRobin(), 1000)
    assert machine.result is not None
    assert (machine.result.kind, machine.result.message) == ("panic", message)


def test_pool_get_that_may_wait_asserts_so_before_it_looks(image: Image) -> None:
    """AS3: with PR_WAITOK always, with PR_NOWAIT never."""
    machine = Machine(image, 1)
    pp = machine.memory.allocate("pool", {})
    machine.call("allocate_with_mutex", pp, PR_NOWAIT)
    assert machine.memory.fields(pp)["pr_nout"] == 1
    machine = Machine(image, 1)
    pp = machine.memory.allocate("pool", {})
    with pytest.raises(InternalError, match="assertwaitok: non-zero mutex count: 1"):
        machine.call("allocate_with_mutex", pp, PR_WAITOK)


def test_a_schedule_of_locks_replays(image: Image) -> None:
    machine = running(image, "in_order", "count_with_mutex", "in_order")
    machine.run(RoundRobin(), 1000)
    again = running(image, "in_order", "count_with_mutex", "in_order")
    again.run(Scripted(Schedule.parse(str(machine.schedule()))), 1000)
    assert again.fingerprint() == machine.fingerprint()


def test_of_two_who_drop_a_reference_at_once_one_drops_the_last() -> None:
    """However they mix: the credentials are freed once."""
    machine = Machine(worlds.image(worlds.MPI), 2)
    cred: Any = boot(machine).init.ps_ucred
    machine.poke(cred.cr_refcnt, "r_refs", 2)
    for number in range(2):
        machine.begin(number, "crfree", cred)
    machine.start()
    report = check(machine, Bare(), Options(reduce=False, simplify=False))
    assert report.complete
    assert not report.findings
    machine.run(RoundRobin(), 100)
    assert machine.memory.is_freed(cred)
