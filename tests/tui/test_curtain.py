"""While a question is open, nothing on the screen tells the answer; then it is there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.kernel.sys.proc import PS_ZOMBIE, SDEAD, SSTOP
from exittui.playback.covering import curtain
from exittui.scenario.library import find, lessons
from exittui.scenario.script import MEASURED
from exittui.session.curtain import HIDDEN, LATER, SELF, STACK
from exittui.session.viewer import Viewer
from exittui.tui import content, panes
from exittui.tui.lesson import Lesson
from exittui.tui.lines import plain
from exittui.tui.looking import Looking
from exittui.tui.paint import cpus, source
from tests.playback.conftest import SITUATION
from tests.playback.conftest import player_of as small
from tests.tui.test_lesson import play, player_of, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.pilot import Pilot

    from exittui.machine import struct
    from exittui.playback.player import Player
    from exittui.session.curtain import Curtain
    from exittui.session.session import Session

WIDTH, HEIGHT = 150, 60
OWNERS = {"mutex": "mtx_owner", "mp_lock": "mpl_owner", "rwlock": "rwl_owner"}


def drawn(session: Session, over: Curtain | None, objects: tuple[struct, ...]) -> dict[str, str]:
    """All panes of this moment, made anew; the pane of objects for each of some."""
    views = session.views = Viewer(session)
    views.curtain = over
    found = {"sentence": views.sentence().text}
    found["cpus"] = plain(cpus.paint(views.cpus(), WIDTH, HEIGHT))
    found["strip"] = plain(cpus.paint_strip(views.cpus(), 80, 2 * session.cpu_count))
    if over is None or "source" not in over.hidden:
        found["source"] = plain(source.paint(views.source(), WIDTH, HEIGHT, 0))
    for name in panes.ROWS:
        shown = panes.rows(name, views, Looking(), WIDTH, HEIGHT)
        found[name] = plain(content.paint(shown, WIDTH, HEIGHT))
    for one in objects:
        looking = Looking()
        looking.inspect(one.__dict__["_oid"])
        shown = panes.rows("objects", views, looking, WIDTH, HEIGHT)
        found[f"objects {one.__dict__['_oid']}"] = plain(content.paint(shown, WIDTH, HEIGHT))
    return found


def other(session: Session, target: struct, field: str, value: Any) -> Any:
    """Another value that a field could have as well."""
    if field in _OTHERS:
        return _OTHERS[field](value)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value}?"
    if value is not None and field not in _KINDS:
        return None
    kind = _KINDS.get(field, "proc" if field == "rwl_owner" else "cpu_info")
    heap = session.machine.memory.heap.values()
    found = [one for one in heap if type(one).__name__ == kind and one is not value]
    assert found, (target, field)
    return found[0]


_OTHERS: dict[str, Callable[[Any], Any]] = {
    "p_stat": lambda value: SSTOP if value == SDEAD else SDEAD,
    "ps_flags": lambda value: value ^ PS_ZOMBIE,
    "ci_intr": lambda value: 1 - value,
    "p_addr": lambda _: None,
    "p_runq": lambda value: (None, None) if value is None else None,
}
_KINDS = {
    "ci_curproc": "proc",
    "ci_cr3": "pmap",
    "ci_proc_pmap": "pmap",
    "pmap": "pmap",
    "ps_vmspace": "vmspace",
}


def variations(session: Session, over: Curtain) -> Iterator[tuple[struct, str]]:
    """The fields that are covered, by struct; of locks, who owns them."""
    heap = session.machine.memory.heap
    for number, field in sorted(over.places):
        target = heap[number]
        assert target is not None
        written = OWNERS.get(type(target).__name__, "") if field == SELF else field
        if written and written != STACK:
            yield target, written


QUESTIONS = [
    (name, number)
    for name in lessons()
    for number, cue in enumerate(find(name).script)
    if cue.ask is not None and cue.kind not in (*MEASURED, "next") and cue.after is None
]
"""Those about what is on the screen."""


def at(name: str, cue: int) -> Player:
    player = player_of(name)
    while player.moment is None or player.moment.number != cue:
        assert player.forward()
    return player


@pytest.mark.parametrize(("name", "number"), QUESTIONS)
def test_no_pane_depends_on_what_is_asked(name: str, number: int) -> None:
    player = at(name, number)
    session, moment = player.session, player.moment
    assert moment is not None
    over = curtain(session, moment.cue)
    assert over is not None
    differing = 0
    places = list(variations(session, over))
    objects = tuple(dict.fromkeys(target for target, _ in places))
    covered, open_ = drawn(session, over, objects), drawn(session, None, objects)
    glowing = Lesson(player).glowing()
    assert HIDDEN in covered["sentence"]
    assert any(HIDDEN in shown for pane, shown in covered.items() if pane != "sentence")
    for target, field in places:
        fields = target.__dict__
        before = fields[field]
        fields[field] = other(session, target, field, before)
        try:
            now = drawn(session, over, objects)
            leaks = {pane: now[pane] for pane in now if now[pane] != covered[pane]}
            assert not leaks, (field, {pane: covered[pane] for pane in leaks})
            assert Lesson(player).glowing() == glowing, field
            differing += drawn(session, None, objects) != open_
        finally:
            fields[field] = before
    assert differing or not places
    assert all(HIDDEN not in shown for shown in open_.values())


@pytest.mark.parametrize("theme", ["dark", "light", "safe", "none"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_answer_is_covered_until_it_is_given(theme: str, size: tuple[int, int]) -> None:
    player = at("kernel-lock", 15)
    player.back()

    async def script(pilot: Pilot[None]) -> None:
        desk = pilot.app.screen
        desk.show_in(theme)  # type: ignore[attr-defined]
        await pilot.pause()
        strip = "strip" if size[0] == 80 else "cpus"
        assert f"kernel_lock {HIDDEN}" in text(pilot, "locks")
        assert HIDDEN in text(pilot, strip)
        assert text(pilot, "sentence").strip() == f"{HIDDEN} What the last step did is {LATER}."
        await pilot.press("2")
        assert "kernel_lock 0 left" in text(pilot, "locks")
        assert HIDDEN not in text(pilot, strip)
        assert "cpu1 spins for kernel_lock" in text(pilot, "sentence")

    play(player, script, size)


def test_what_is_not_on_the_screen_yet_covers_the_past_and_the_future_alone() -> None:
    cues = '[[script]]\nask = "?"\nkind = "value"\nof = "worker.0.p_stat"\nafter = ["run"]\n'
    player = small(cues.replace('after = ["run"]', 'after = ["seek dead worker.0"]'), SITUATION)
    player.forward()
    moment = player.moment
    assert moment is not None
    over = curtain(player.session, moment.cue)
    assert over is not None
    found, plainly = drawn(player.session, over, ()), drawn(player.session, None, ())
    different = {name for name in found if found[name] != plainly[name]}
    assert different == {"events", "choices"}
    assert LATER in found["events"]


def test_who_has_taken_over_sees_no_more() -> None:
    player = at("mutex", 5)
    player.back()

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("s")
        assert "taken over" in text(pilot)
        assert f"holds {HIDDEN}" in text(pilot, "cpus")
        await pilot.press("escape", "1")
        assert HIDDEN not in text(pilot, "cpus")

    play(player, script)


def test_a_state_that_is_covered_is_not_told_by_the_queue_a_thread_is_on() -> None:
    """A thread that is asleep is on none; who is asked about it must not read `runq`."""
    number = next(number for name, number in QUESTIONS if name == "sleep")
    player = at("sleep", number)
    assert player.moment is not None
    over = curtain(player.session, player.moment.cue)
    assert over is not None
    views = player.session.views = Viewer(player.session)
    views.curtain = over
    narrow = panes.rows("threads", views, Looking(), 78, HEIGHT)
    rows = plain(content.paint(narrow, 78, HEIGHT)).splitlines()
    covered = [row for row in rows if HIDDEN in row]
    assert covered
    assert not any("runq" in row for row in covered)


def test_where_one_stands_is_covered_with_the_source() -> None:
    cues = '[[script]]\nask = "?"\nkind = "value"\nof = \'at(cpu0, "exit1")\'\n'
    player = small(cues)
    player.forward()
    moment = player.moment
    assert moment is not None
    over = curtain(player.session, moment.cue)
    assert over is not None
    assert "source" in over.hidden
    found = drawn(player.session, over, ())
    assert "userland" not in found["cpus"] + found["strip"]
    assert "userland" in drawn(player.session, None, ())["cpus"]


def test_the_lists_of_a_process_are_covered_when_asked_for() -> None:
    player = at("zombie", 11)
    found = text_of(player, "lists")
    assert f"allprocess     {HIDDEN}" in found
    assert f"zombprocess    {HIDDEN}" in found
    player.answer(0)
    assert HIDDEN not in text_of(player, "lists")


def test_who_is_current_is_not_told_by_the_crosses_of_the_others() -> None:
    number = next(
        number for number, cue in enumerate(find("diff-exit").script) if cue.of == "cpu1.ci_curproc"
    )
    player = at("diff-exit", number)
    assert "†" not in text_of(player, "lists")
    player.answer(0)
    assert "worker† worker.3001† worker.3002" in text_of(player, "lists")


def text_of(player: Player, pane: str) -> str:
    moment = player.moment
    assert moment is not None
    over = None if player.solved else curtain(player.session, moment.cue)
    return drawn(player.session, over, ())[pane]
