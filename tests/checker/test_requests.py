"""An IPI on its way to a CPU is no part of a state, unless an AST may be there for it to bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exittui.checker import requests
from exittui.checker.bare import Bare
from exittui.checker.check import Options, check
from exittui.checker.discipline import RESTORED, Discipline
from exittui.checker.judge import ScenarioJudge
from exittui.checker.requests import Requests
from exittui.checker.search import Graph
from exittui.kernel.invariants import maps, threads
from exittui.kernel.sys.proc import P_WEXIT
from exittui.machine import Machine, link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.asking import thrown
from tests.checker.dice import made
from tests.checker.machines import asked
from tests.checker.whole import names, searched

IMAGE = link("asked", [asked], cpu_struct=("cpu", "number"))

TOLD_APART = 83
"""The seed of a machine on which an early IPI brings an AST."""

KEPT = 530
"""One on which a path is kept when no interrupt is wanted, and asked for when one is."""

SEEDS = (0, 1, 5, 6, 7, 8, 12, 15, 20, 26, 28, 30, 34, 42, TOLD_APART)

WORK = ["tell", "listen"]

OF_THREE = (8, 9, 16, 27, 57)
"""Seeds of machines of three CPUs with few schedules."""


def machine(late: int) -> Machine:
    """One CPU sends IPIs, with an AST if it is late; the other is in user mode."""
    made = Machine(IMAGE, 2)
    made.begin(0, "tell", late)
    made.begin(1, "listen")
    made.start()
    return made


def test_an_early_ipi_may_bring_an_ast() -> None:
    full = searched(machine(1), reduce=False)
    assert len(full.outcome.ends) == 3
    assert searched(machine(1)).outcome.ends == full.outcome.ends


def test_who_does_not_mind_leaves_that_out(monkeypatch: pytest.MonkeyPatch) -> None:
    full = searched(machine(1), reduce=False)
    monkeypatch.setattr(Requests, "wanted", lambda _: 0)
    assert searched(machine(1)).outcome.ends < full.outcome.ends


@pytest.mark.parametrize(
    ("seed", "cpus"), [*((one, 2) for one in SEEDS), *((one, 3) for one in OF_THREE)]
)
def test_no_end_and_no_failure_is_left_out(seed: int, cpus: int, tmp_path: Path) -> None:
    full = searched(thrown(seed, tmp_path, cpus), reduce=False)
    reduced = searched(thrown(seed, tmp_path, cpus))
    assert reduced.outcome.ends == full.outcome.ends
    assert names(reduced) == names(full)


def test_a_path_without_interrupts_is_none_with_one_pending(tmp_path: Path) -> None:
    """Nothing has been learnt before, so that it is asked for."""
    full = searched(thrown(KEPT, tmp_path), reduce=False)
    reduced = check(thrown(KEPT, tmp_path), Bare(), Options(simplify=False, learning=0))
    assert reduced.outcome.ends == full.outcome.ends


def test_a_handler_that_does_more_is_minded(tmp_path: Path) -> None:
    """It makes another number of what is there, in kernel code as well."""
    text = Path(asked.__file__).read_text(encoding="utf-8")
    more = text.replace("    ci.ci_ipl = s\n", "    ci.ci_ipl = s\n    more()\n")
    more += "\n\ndef more() -> None:\n    global b\n    b += 7\n"

    def busy() -> Machine:
        return made("busy", more.replace("late: int", "").replace("late", "0"), WORK, tmp_path)

    full = searched(busy(), reduce=False)
    assert searched(busy()).outcome.ends == full.outcome.ends
    assert len(full.outcome.ends) > len(searched(machine(0), reduce=False).outcome.ends)


def test_states_of_a_kernel_are_saved_and_no_end_and_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reports = []
    for name in ("lapic_irr", "nothing"):
        monkeypatch.setattr(requests, "REQUESTS", name)
        built = build(find("vfork-exit"), "mpi-2025-05")
        reports.append(check(built.machine, ScenarioJudge(built), Options(simplify=False)))
    fewer, more = reports
    assert fewer.complete
    assert more.complete
    assert fewer.outcome.states < more.outcome.states
    assert fewer.outcome.ends == more.outcome.ends
    assert names(fewer) == names(more)


@pytest.fixture
def kernel() -> tuple[Machine, Requests]:
    """A kernel where it begins, nothing on its way."""
    built = build(find("three-threads-exit"), "reaper")
    discipline = Discipline.of(built.machine, ScenarioJudge(built))
    return built.machine, discipline.requests


def test_a_cpu_minds_as_long_as_its_thread_may_take_an_ast(
    kernel: tuple[Machine, Requests],
) -> None:
    machine, tracked = kernel
    assert tracked.wanted() == 0
    info: Any = machine.infos[1]
    thread = info.ci_curproc
    machine.poke(thread.p_md, "md_astpending", 1)
    assert tracked.wanted() == tracked.bits[1]
    machine.poke(thread, "p_flag", thread.p_flag | P_WEXIT)
    assert tracked.wanted() == 0


def test_all_mind_while_the_timer_may_go_off(kernel: tuple[Machine, Requests]) -> None:
    machine, tracked = kernel
    machine.memory.variables["timeout_pending"] = 1
    assert tracked.wanted() == tracked.every != 0


def test_a_property_of_states_minds() -> None:
    built = build(find("three-threads-exit"), "reaper")
    judge = ScenarioJudge(built, ("never cpu0.ci_ipl > 90",))
    graph = Graph(built.machine, judge, discipline=Discipline.of(built.machine, judge))
    graph.start()
    assert graph.discipline is not None
    assert graph.discipline.requests.bits == ()


def test_no_rule_looks_at_what_the_handler_changes() -> None:
    ends = (*threads.LOOKED_AT_END, *maps.LOOKED_AT_END)
    looked = {name for _, pointers, names in ends for name in (*pointers, *names)}
    assert looked
    assert looked.isdisjoint((*RESTORED, requests.REQUESTS))
