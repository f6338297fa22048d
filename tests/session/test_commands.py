"""The one table of commands, and lines typed at the prompt."""

from __future__ import annotations

import pytest

from exittui.errors import UsageError
from exittui.session.commands import BY_KEY, BY_WORD, COMMANDS, keys_of, number, read


def test_no_key_and_no_word_means_two_things() -> None:
    assert len(BY_KEY) == sum(len(command.keys) for command in COMMANDS)
    assert len(BY_WORD) == sum(len(command.words) for command in COMMANDS)


def test_capitals_are_the_same_backwards() -> None:
    for key, back in (("s", "back_step"), ("n", "back_next"), ("f", "back_finish")):
        assert BY_KEY[key.upper()].name == back
    assert BY_KEY["C"].name == "back_proceed"


@pytest.mark.parametrize(
    ("line", "name", "argument"),
    [
        ("step", "step", ""),
        ("s 3", "step", "3"),
        ("  NEXT".lower(), "next", ""),
        ("cont", "proceed", ""),
        ("reverse-continue", "back_proceed", ""),
        ("rc", "back_proceed", ""),
        ("b exit1", "break", "exit1"),
        ("break kern/kern_exit.c:100", "break", "kern/kern_exit.c:100"),
        ("machine ddbcpu 1", "focus", "1"),
        ("cpu 0", "focus", "0"),
        ("info breakpoints", "breaks", ""),
        ("goto +10", "goto", "+10"),
        ("resta", "restart", ""),
        ("fini", "finish", ""),
    ],
)
def test_words_of_gdb_and_ddb_are_understood(line: str, name: str, argument: str) -> None:
    order = read(line)
    assert (order.command.name, order.argument) == (name, argument)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("frobnicate", "no command 'frobnicate'"),
        ("stpe", "did you mean 'step'"),
        ("st", "'st' is short for more than one: start, step"),
        ("finish 3", "'finish' takes nothing, not '3'"),
        ("goto", "'goto' needs STEP"),
        ("goto 1 2", "'goto' takes STEP, not '2'"),
        ("cpu", "'cpu' needs NUMBER"),
        ("", "an empty line"),
        ("\x00", "no command '\\x00'"),
        ("日本", "no command '日本'"),
        ("step step", ""),
    ],
)
def test_nonsense_gets_one_line_that_names_the_word(line: str, said: str) -> None:
    if not said:
        with pytest.raises(UsageError, match="'step' is no count"):
            _ = read(line).count
        return
    with pytest.raises(UsageError) as caught:
        read(line)
    assert said in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["-1", "1.5", "0x10", "\uff19", "9" * 20, "10000001"])
def test_a_number_is_a_whole_one_of_sensible_size(text: str) -> None:
    with pytest.raises(UsageError, match=r"number|too large"):
        number(text, "count")


def test_every_command_says_what_it_does() -> None:
    for command in COMMANDS:
        assert command.help
        assert command.words
        assert keys_of(command) or not command.keys
