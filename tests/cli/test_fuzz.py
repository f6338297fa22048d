"""Whatever words are typed, the program ends with one of its codes and without a traceback."""

from __future__ import annotations

import contextlib
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exittui.cli.main import main
from exittui.errors import ExitCode

WORDS = st.one_of(
    st.sampled_from(
        "run list single-exit ./scenarios --kernel reaper mpi-2025-05 --without kern/kern_event.c "
        "--chooser random scripted --seed 7 --schedule 0x12/1 (0/1)x3 @/ --max-steps 30 --format "
        "jsonl summary json -- - --kernel= --seed=-1 /dev/null @".split()
    ),
    st.text(st.characters(codec="utf-8"), max_size=6),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([["run"], ["run", "single-exit"], ["list"], []]), st.lists(WORDS, max_size=6)
)
def test_any_words(command: list[str], words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*command, *words])
    assert code in list(ExitCode)
    assert code != ExitCode.INTERNAL
    if code == ExitCode.USAGE:
        assert err.getvalue().startswith("exittui: ")
    else:
        assert err.getvalue() == ""
