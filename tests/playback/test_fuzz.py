"""Whatever well-formed script is played, it passes or fails by `ScriptFailed`, and says where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exittui.errors import ScenarioError
from exittui.playback.checking import faults, run_through
from exittui.playback.failure import ScriptFailed
from exittui.scenario.expression import Names
from tests.playback.conftest import player_of
from tests.scenario.test_load_fuzz import toml

if TYPE_CHECKING:
    from exittui.playback.player import Player

FORMULAS = st.sampled_from(
    """
    kernel_lock worker worker.0 sh.0 cpu0 cpu1 cpu2 worker.ps_mtx worker.ps_pid worker.0.p_addr
    worker.0.p_addr.u_pcb state(worker) wchan(sh.0) deadproc allprocess nthreads PS_ZOMBIE result
    step NULL 1 true worker.ps_children process(9) thread(3000) cpu0.ci_curproc.p_p.ps_comm
    worker.0.p_stat==SDEAD exists(worker) owner(kernel_lock)==cpu0 nowhere worker.nothing
    """.split()
)
COMMANDS = st.sampled_from(
    [
        *"step next finish continue run restart solo step/x cpu break watch seek pick".split(),
        *("step 50", "cpu 1", "cpu 9", "tbreak exit1", "seek dead", "seek switch", "back 3"),
        *("seek free worker", "watch worker.ps_flags", "until exit1", "goto 10", "goto 100%"),
        *("reverse-continue", "reverse-next", "back-to sleep", "catch panic", "thread sh.0"),
        *("pick 1", "forward", "until-call", "match", "any 20", "save x", "assert 1", "quit"),
    ]
)
LINES = st.lists(COMMANDS, min_size=1, max_size=4)
WORDS = st.sampled_from(["cpu0", "nobody", "true", "3000", "SDEAD", "sh", "a", "0"])
CUES = st.one_of(
    st.fixed_dictionaries({"say": st.sampled_from(["Look.", "**a", "`", "*", "a\n\nb"])}),
    st.fixed_dictionaries({"chapter": st.sampled_from(["One", "Two"])}),
    st.fixed_dictionaries({"do": LINES}),
    st.fixed_dictionaries({"show": st.lists(FORMULAS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"assert": FORMULAS}),
    st.fixed_dictionaries(
        {
            "ask": st.just("?"),
            "kind": st.sampled_from(["owner", "value", "next", "list", "sleep"]),
            "of": FORMULAS,
        },
        optional={
            "after": LINES,
            "choices": st.lists(WORDS, min_size=2, max_size=4, unique=True),
        },
    ),
    st.fixed_dictionaries({"goal": st.just("!"), "until": FORMULAS, "solution": LINES}),
)


def script(cues: list[dict[str, object]]) -> str:
    return "".join(
        "[[script]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in cue.items())
        for cue in cues
    )


def made(text: str) -> Player | None:
    try:
        return player_of(text)
    except ScenarioError:
        return None


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@example([{"do": ["run"]}, {"ask": "?", "kind": "next", "of": "cpu0"}])
@example([{"do": ["step 50"]}, {"say": "a"}, {"do": ["restart"]}, {"say": "b"}])
@example([{"goal": "!", "until": "nowhere", "solution": ["step"]}])
@example([{"goal": "!", "until": "worker.nothing", "solution": ["step"]}])
@given(st.lists(CUES, min_size=1, max_size=7))
def test_any_script_passes_or_says_where_it_fails(cues: list[dict[str, object]]) -> None:
    text = script(cues)
    player = made(text)
    if player is None:
        return
    for fault in faults(player.session.built.scenario.script, Names.of(player.session.built)):
        assert fault.problem
        assert fault.path[0] == "script"
    try:
        run_through(player)
    except ScriptFailed as failure:
        assert 0 <= failure.cue < len(cues)
        assert "\n" not in failure.message
        return
    again = made(text)
    assert again is not None
    run_through(again)
    assert again.session.machine.fingerprint() == player.session.machine.fingerprint()
