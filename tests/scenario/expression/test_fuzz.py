"""Whatever is written: an expression, or ExpressionError; whatever it asks, an answer, in time."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exittui.errors import ExpressionError
from exittui.scenario.expression import Absent, compile  # noqa: A004 - as in re.compile
from exittui.scenario.expression.functions import FUNCTIONS
from exittui.scenario.expression.lexer import MAX_LENGTH
from tests.scenario.expression.conftest import world

settings.register_profile(
    "expressions", max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
FUZZ = settings.get_profile("expressions")
SECONDS = 1.0

WORDS = st.sampled_from(
    """worker sh init worker.0 worker.1 worker.2 worker.7 cpu0 cpu1 cpu7 nthreads kernel_lock
    sched_lock allproc zombprocess deadproc allprocess slpque P_WEXIT SDEAD PS_EXITING PS_ZOMBIE
    NULL true false result message step . -> .p_stat .p_p .ps_threads .ps_flags .ps_mtx .p_wchan
    .ci_curproc .ps_pptr .p_list .x && || ! and or not in == != < <= > >= + - * / % & | ^ ~ << >>
    ( ) [ ] , "" 'exit1' 'panic' "no" 0 1 2 63 64 0x2000 18446744073709551615 [0]""".split()
    + [f"{name}(" for name in (*FUNCTIONS, "process", "thread")]
)
LEAVES = st.sampled_from(
    """worker sh worker.0 worker.2 cpu0 cpu1 nthreads kernel_lock worker.ps_mtx allproc worker.0.p_p
    worker.ps_threads zombprocess worker.0.p_stat worker.ps_flags worker.0.p_wchan cpu0.ci_curproc
    SDEAD PS_EXITING NULL true 0 1 7 64 'exit1' result step thread(3001) process(2000) thread(7)
    cpu0.ci_schedstate.spc_qs worker.0.p_list kernel_lock.mpl_owner""".split()
)
TREES: st.SearchStrategy[str] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from([*"&& || == != < > + - * / % & | ^ << >> in".split(), "not in"]),
            inner,
        ),
        st.builds("{}({})".format, st.sampled_from([*FUNCTIONS, "process", "thread"]), inner),
        st.builds("{}{}".format, st.sampled_from("!~-"), inner),
        st.builds(
            "{}.{}".format, inner, st.sampled_from("p_stat p_p ps_flags ci_curproc 0".split())
        ),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("at({}, 'exit1')".format, inner),
    ),
    max_leaves=10,
)


def ask(text: str) -> bool:
    """Compile it and ask it at three places of a run; whether it could be compiled."""
    built, names = world("reaper")
    start = time.perf_counter()
    try:
        expression = compile(text, names)
    except ExpressionError as error:
        assert error.message.isprintable()
        assert error.message.startswith(f"column {error.column}: ")
        assert 1 <= error.column <= MAX_LENGTH + 1
        assert time.perf_counter() - start < SECONDS
        return False
    machine = built.machine
    for position in (0, machine.recorded // 2, machine.recorded):
        machine.goto(position)
        value = expression(machine)
        assert expression.words(machine).isprintable()
        parts = expression.explain(machine)
        assert not parts or isinstance(parts[0].value, Absent) == isinstance(value, Absent)
        assert not (expression.holds(machine) and expression.fails(machine))
        expression.reads(machine)
    assert time.perf_counter() - start < SECONDS
    return True


@FUZZ
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    ask(text)


@FUZZ
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_words(text: str) -> None:
    ask(text)


@FUZZ
@given(TREES)
def test_any_tree(text: str) -> None:
    ask(text)


@pytest.mark.parametrize("sign", ["(", "[", "!", "~", "-", "not ", "a.", "len(", "a[", "a(", "1+"])
@pytest.mark.parametrize("length", [10, 60, MAX_LENGTH - 8, 1_000_000])
def test_deep_and_long(sign: str, length: int) -> None:
    assert not ask(sign * (length // len(sign)))


def test_long_and_flat() -> None:
    """As long as an expression can be, and every part of it is asked."""
    assert ask(" || ".join(["nthreads == 0"] * 110))


def test_numbers_stay_small() -> None:
    """Numbers that grow with every sign: the length bounds them."""
    assert ask(" * ".join(["18446744073709551615"] * 50))
    assert ask("(1 << 63)" + " << 63" * 40)


def test_long_lists_are_walked_once_each() -> None:
    """A hundred walks of the longest list of a machine."""
    assert ask(" || ".join(["len(allproc) == 99"] * 90))
