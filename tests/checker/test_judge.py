"""What is judged of all schedules together, and of what is left when nothing can go on."""

from __future__ import annotations

import pytest

from exittui.checker.check import Options, check
from exittui.checker.judge import LockOrder, ScenarioJudge
from exittui.checker.search import Bounds
from exittui.kernel.invariants import maps
from exittui.machine import Schedule, Scripted
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.test_known import naive
from tests.kernel.reads import fields_read


def test_a_circle_in_the_order_of_locks_is_told_once_with_both_schedules() -> None:
    """One schedule takes b with a held, another a with b held, and none both."""
    machine = naive()
    order = LockOrder(machine)
    machine.run(Scripted(Schedule.parse("0x2")), 2)
    order.taken("a", "b")
    order.taken("b", "c")
    machine.goto(0)
    machine.run(Scripted(Schedule.parse("1x3")), 3)
    order.taken("c", "a")
    order.taken("a", "d")
    ((sighting, picks),) = list(order.circles())
    assert picks == b"\1\1\1"
    assert sighting.name.startswith("I17: ")
    assert "held by '0x2'" in sighting.message


def test_the_locks_of_a_kernel_are_taken_in_one_order() -> None:
    built = build(find("ignored-sigchld"), "reaper")
    judge = ScenarioJudge(built)
    report = check(built.machine, judge, Options(bounds=Bounds(states=60), moves=0))
    assert not [one for one in report.findings if one.name.startswith("I17")]
    edges = judge._order._edges
    assert {"sched_lock", "ps_mtx"} <= set(edges["kernel_lock"])
    assert "kernel_lock" not in edges.get("sched_lock", {})


def test_time_that_is_lost_is_missed() -> None:
    """I8: the threads were given ticks, and what of them is nowhere any more was lost."""
    built = build(find("single-exit"), "reaper")
    judge = ScenarioJudge(built, ["liveness"])
    assert check(built.machine, judge, Options()).findings == ()
    object.__setattr__(built, "ticks", built.ticks + 7)
    (finding,) = check(built.machine, judge, Options()).findings
    assert (finding.name, str(finding.kind)) == ("I8", "liveness")
    assert f"of {built.ticks} ticks that the threads ran" in finding.message


def test_a_child_that_leaves_no_zombie_reports_its_time_to_nobody() -> None:
    built = build(find("ignored-sigchld"), "reaper")
    judge = ScenarioJudge(built, ["liveness"])
    report = check(built.machine, judge, Options(bounds=Bounds(states=60), moves=0))
    assert report.findings == ()
    assert report.outcome.ends


@pytest.mark.parametrize(("steps", "loaded"), [(385, False), (397, True)])
def test_a_page_in_the_tlb_of_a_cpu_that_is_switching_to_another_map_is_not_missed(
    steps: int, *, loaded: bool
) -> None:
    """Without the reaper a dead thread switches to init, which does not use the dead's map."""
    built = build(find("thread-exit"), "cludwig-2025-09")
    ScenarioJudge(built, ["safety"])
    schedule = Schedule.parse(f"1x{steps}/0x396")
    built.machine.run(Scripted(schedule), len(schedule.picks))
    assert built.machine.result is None
    (cpu,) = (one for one in built.machine.infos if one.ci_cpuid == 1)
    held, pages = cpu.ci_tlb
    assert (cpu.ci_cr3 is not held) is loaded
    assert pages & ~held.pm_pte, "a page that is gone is in the TLB"
    assert cpu.ci_curproc is not None
    assert cpu.ci_curproc.p_addr.u_pcb.pcb_cr3 is not held


@pytest.mark.parametrize("steps", [380, 385, 397])
def test_what_a_rule_looks_at_where_pages_go_is_what_it_says(steps: int) -> None:
    """Before the dead thread switches, with the old %cr3 and with the new."""
    machine = build(find("thread-exit"), "cludwig-2025-09").machine
    schedule = Schedule.parse(f"1x{steps}/0x395")
    machine.run(Scripted(schedule), len(schedule.picks))
    cpu = machine.stacks.cpus[0]
    statement = machine.image.statements[cpu[0][0]]
    assert (statement.function, statement.kind) == ("pmap_remove", "return")
    said = {(id(target), name) for target, name in maps.looked_at(machine, cpu[0])}
    with fields_read(machine) as read:
        maps._Maps(machine).removed(cpu[0], cpu)
    looked = {(id(target), name) for target, name in read if name != "u_pcb"}
    assert looked
    assert looked <= said
