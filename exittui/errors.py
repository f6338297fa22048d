"""Every error this program raises on purpose, in one tree.

Three things must never be confused: what the modelled kernel does (a panic or a deadlock is a
*result* of a run, never an exception), what the user gave us (a bad scenario, schedule or
argument: one clear message, exit code 2), and what we got wrong ourselves (`InternalError`).
"""

from __future__ import annotations

from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_WORD = 40
MOST_FAULTS = 40
"""As many faults of one file as are told at a time: what is no scenario may have thousands."""
_MOST_LIKE = 1000
"""Among so many known words one is looked for that a word may have been meant for."""


class ExitCode(IntEnum):
    """What the command line ends with: how the run ended, or why there was none.

    The numbers from 10 on are those of other checkers of concurrent programs.
    """

    OK = 0
    USAGE = 2
    LIMIT = 10
    DEADLOCK = 11
    VIOLATION = 12  # of safety: a panic counts as one
    LIVENESS = 13
    UNMET = 14  # the run ended, but not as its scenario expects
    INTERNAL = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class ExittuiError(Exception):
    """The base of all of them; `exit_code` is what the command line ends with."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(self, message: str) -> None:
        """Keep the message, which is complete: it is shown as it is, without a traceback."""
        super().__init__(message)
        self.message = message


class UsageError(ExittuiError):
    """An argument nobody can act on: an unknown kernel, chooser or scenario name."""

    exit_code = ExitCode.USAGE


class LinkError(ExittuiError):
    """Kernel source that cannot be compiled or linked: what, where, and why not."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        """Put `file:line:` before the message where they are known."""
        super().__init__(_placed(message, file, line))
        self.file = file
        self.line = line


class ScheduleError(ExittuiError):
    """A schedule that cannot be read, or that does not fit the run it is played on."""

    exit_code = ExitCode.USAGE


class ScenarioError(ExittuiError):
    """One thing wrong with a scenario: where it stands, what stands there, what could."""

    exit_code = ExitCode.USAGE

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        key: str | None = None,
        value: object = None,
        accepted: str | None = None,
    ) -> None:
        """Join the parts into one line; the parts stay readable one by one."""
        text = f"{key}: {problem}" if key else problem
        if accepted:
            text = f"{text}; accepted: {accepted}"
        super().__init__(_placed(text, file, line))
        self.problem = problem
        self.file = file
        self.line = line
        self.key = key
        self.value = value
        self.accepted = accepted


class ScenarioFileError(ScenarioError):
    """All that is wrong with one scenario file, in the order of its lines."""

    def __init__(self, errors: Iterable[ScenarioError]) -> None:
        """Show each error on its own line; `errors` keeps them apart."""
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(
            first.problem,
            file=first.file,
            line=first.line,
            key=first.key,
            value=first.value,
            accepted=first.accepted,
        )
        told = [error.message for error in self.errors[:MOST_FAULTS]]
        if len(self.errors) > MOST_FAULTS:
            told.append(more_faults(first.file))
        self.message = "\n".join(told)
        self.args = (self.message,)


def more_faults(file: str | None) -> str:
    """What is said instead of the faults beyond the first `MOST_FAULTS`."""
    return _placed(f"more is wrong than the first {MOST_FAULTS}", file, None)


class ExpressionError(ExittuiError):
    """One thing wrong with an expression: where it stands in the text, and what could stand there.

    `column` counts from 1; `word` is what stands there, empty at the end of the text.
    """

    exit_code = ExitCode.USAGE

    def __init__(
        self, problem: str, *, column: int, word: str = "", accepted: str | None = None
    ) -> None:
        """Join the parts into one line; the parts stay readable one by one."""
        shown = repr(word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…")
        text = f"column {column}: {shown if word else 'the end'} {problem}"
        if accepted:
            text = f"{text}; accepted: {accepted}"
        super().__init__(text)
        self.problem = problem
        self.column = column
        self.word = word
        self.accepted = accepted


class AssertionFailedError(ExittuiError):
    """An assertion of a command file that does not hold."""

    exit_code = ExitCode.UNMET


class SessionError(ExittuiError):
    """A session file that cannot be opened: where, which key, and what was wrong."""

    exit_code = ExitCode.USAGE

    def __init__(self, problem: str, *, file: str, line: int | None = None, key: str = "") -> None:
        """Join the parts into one line; the parts stay readable one by one."""
        super().__init__(_placed(f"{key}: {problem}" if key else problem, file, line))
        self.problem = problem
        self.file = file
        self.line = line
        self.key = key


class InternalError(ExittuiError):
    """A fault of this program, not of the kernel modelled nor of what the user gave it."""

    exit_code = ExitCode.INTERNAL


def _placed(message: str, file: str | None, line: int | None) -> str:
    """`file:line: message`, as far as the place is known."""
    if file is None:
        return message
    return f"{file}: {message}" if line is None else f"{file}:{line}: {message}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'exit'?`, or nothing when no known word comes close."""
    import difflib  # noqa: PLC0415  # only a mistake pays for it

    close = difflib.get_close_matches(word, list(islice(known, _MOST_LIKE)), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
