"""Fields that nobody reads any more do not count; who reads one all the same makes it count."""

from __future__ import annotations

from typing import Any

import pytest

from exittui.checker import ending
from exittui.checker.bare import Bare
from exittui.checker.check import Options, check
from exittui.checker.discipline import Discipline
from exittui.checker.ending import Endings
from exittui.checker.judge import ScenarioJudge
from exittui.checker.search import Graph
from exittui.checker.slice import Slice
from exittui.machine import Machine, link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.checker.machines import leaving

IMAGE = link("leaving", [leaving], cpu_struct=("cpu", "number"))
WORD = {"p_word": ("t_flag", leaving.LEFT)}


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of the small machine end, and nothing else."""
    monkeypatch.setattr(ending, "ENDING", WORD)


def machine(late: int = 0) -> Machine:
    """One CPU leaves, the other asks it for something; it may wait for that after all."""
    made = Machine(IMAGE, 2)
    made.begin(0, "leave", late)
    made.begin(1, "ask")
    made.start()
    return made


@pytest.mark.usefixtures("words")
def test_a_word_does_not_count_from_where_its_thread_has_left() -> None:
    made = machine()
    one: Any = next(one for one in made.memory.heap.values() if hasattr(one, "t_part"))
    numbers = []
    for flag in (0, leaving.LEFT):
        for word in (0, 1):
            made.poke(one, "t_flag", flag)
            made.poke(one.t_part, "p_word", word)
            numbers.append(Slice(made, set()).whole())
    assert numbers[0] != numbers[1]
    assert numbers[2] == numbers[3]
    assert Endings(made).over("p_word", one.t_part.__dict__["_oid"])


@pytest.mark.usefixtures("words")
def test_whether_it_was_asked_shows_only_if_it_has_looked() -> None:
    """Asked before it looks or behind that; in the first case the word is cleared."""
    full = check(machine(), Bare(), Options(reduce=False, simplify=False))
    reduced = check(machine(), Bare(), Options(simplify=False))
    assert full.complete
    assert reduced.complete
    assert len(full.outcome.ends) == 2
    assert reduced.outcome.ends == full.outcome.ends


@pytest.mark.usefixtures("words")
def test_the_word_counts_again_if_somebody_reads_it_after_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who has taken the word before waits for ever, else it is there or comes."""
    report = check(machine(1), Bare(), Options(simplify=False))
    monkeypatch.setattr(ending, "ENDING", {"p_other": ("t_flag", leaving.LEFT)})
    plain = check(machine(1), Bare(), Options(reduce=False, simplify=False))
    assert report.complete
    assert len(plain.outcome.ends) == 2
    assert report.outcome.ends == plain.outcome.ends


def test_no_rule_and_no_expectation_finds_a_field_left_out() -> None:
    """What a judge may look at is told apart to the end."""
    built = build(find("exit"), "reaper")
    judge = ScenarioJudge(built)
    judge.names |= {"p_pc"}
    graph = Graph(built.machine, judge, discipline=Discipline.of(built.machine, judge))
    assert "p_pc" not in graph.slice.endings.by_field
    assert "md_astpending" in graph.slice.endings.by_field


@pytest.mark.parametrize("name", ending.ENDING)
def test_threads_of_the_kernel_are_over_from_the_start(name: str) -> None:
    built = build(find("exit"), "reaper")
    endings, memory = Endings(built.machine), built.machine.memory
    over = {
        owner.p_p.ps_comm: endings.over(name, number)
        for number, target in memory.heap.items()
        if target is not None and name in type(target).fields
        for owner in (endings.owner(name, number),)
    }
    assert over["reaper"]
    assert over["idle0"]
    assert not over["init"]
