"""Schedules: which CPU made each step, as a short text.

`0x12/1x3/0` is twelve steps of cpu0, three of cpu1, one of cpu0; `(0/1x2)x40` is what stands in the
brackets, forty times. The text is an argument, a file, a counterexample and a bookmark. A shell
wants quotes around brackets, nothing else.
"""

from __future__ import annotations

import itertools
import re
from array import array
from typing import TYPE_CHECKING

import attrs

from exittui.errors import ScheduleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_STEPS = 10_000_000
"""The longest schedule that is read: a text of a few bytes must not fill the memory."""

MOST_CPUS = 256

LONGEST_PERIOD = 64
"""The most runs that are looked at as one repeated group: one for each CPU of a large machine."""

_RUN = re.compile(r"([0-9]{1,3})(?:x([0-9]{1,8}))?")
_TIMES = re.compile(r"x([0-9]{1,8})")

_Run = tuple[int, int]


@attrs.frozen
class Schedule:
    """The picks of a run, in order."""

    picks: array[int] = attrs.field(factory=lambda: array("B"))

    @classmethod
    def of(cls, picks: Iterable[int]) -> Schedule:
        """The schedule of these CPU numbers."""
        return cls(array("B", picks))

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read the text; raises ScheduleError that names the part that cannot be read."""
        reader = _Reader()
        for part in _parts(text):
            reader.read(part)
        return cls(reader.finish())

    def __len__(self) -> int:
        return len(self.picks)

    def __str__(self) -> str:
        runs = [(cpu, sum(1 for _ in group)) for cpu, group in itertools.groupby(self.picks)]
        return "/".join(_grouped(runs))


def _grouped(runs: Sequence[_Run]) -> Iterable[str]:
    """The runs as text, groups that repeat in brackets."""
    texts = [f"{cpu}x{count}" if count > 1 else str(cpu) for cpu, count in runs]
    at = 0
    while at < len(texts):
        period, times = _repeats(runs, at)
        if times > 1:
            yield f"({'/'.join(texts[at : at + period])})x{times}"
        else:
            yield texts[at]
        at += period * times


def _repeats(runs: Sequence[_Run], at: int) -> tuple[int, int]:
    """The shortest group of runs that repeats from here at least twice, and how often it stands."""
    for period in range(2, LONGEST_PERIOD + 1):
        # The next group must start as this one does; most do not, so look at that first.
        if at + 2 * period > len(runs):
            break
        if runs[at + period] != runs[at]:
            continue
        group, times = runs[at : at + period], 1
        while runs[at + times * period : at + (times + 1) * period] == group:
            times += 1
        if times > 1:
            return period, times
    return 1, 1


def _parts(text: str) -> Iterable[str]:
    """The text cut at its slashes, an opening bracket being a part of its own."""
    stripped = "".join(text.split())
    return stripped.replace("(", "(/").split("/") if stripped else ()


class _Reader:
    """Reads a schedule part by part."""

    def __init__(self) -> None:
        self._picks = array("B")
        self._opened: int | None = None
        self._part = 0

    def read(self, part: str) -> None:
        """Take in a run, an opening bracket, or a run with a closing bracket behind it."""
        if part == "(":
            if self._opened is not None:
                raise ScheduleError("schedule: a bracket inside a bracket")
            self._opened = len(self._picks)
            return
        self._part += 1
        run, bracket, times = part.partition(")")
        match = _RUN.fullmatch(run)
        if match is None:
            raise ScheduleError(
                f"schedule: part {self._part}, {_short(part)!r}, is not CPU or CPUxSTEPS, as in "
                "0x12/1x3/0 or (0/1)x20"
            )
        cpu, count = int(match[1]), int(match[2] or 1)
        if cpu >= MOST_CPUS:
            raise ScheduleError(f"schedule: part {self._part}: there is no cpu{cpu}")
        self._extend(array("B", [cpu]), count)
        if bracket:
            self._close(part, times)

    def _close(self, part: str, times: str) -> None:
        match = _TIMES.fullmatch(times)
        if self._opened is None or match is None:
            raise ScheduleError(
                f"schedule: part {self._part}, {_short(part)!r}: a group is written (0/1)x20"
            )
        group = self._picks[self._opened :]
        del self._picks[self._opened :]
        self._opened = None
        self._extend(group, int(match[1]))

    def _extend(self, picks: array[int], times: int) -> None:
        if len(self._picks) + len(picks) * times > MOST_STEPS:
            raise ScheduleError(f"schedule: longer than {MOST_STEPS:,} steps")
        self._picks.extend(picks * times)

    def finish(self) -> array[int]:
        """All picks; an error if a bracket is still open."""
        if self._opened is not None:
            raise ScheduleError("schedule: a bracket is not closed")
        return self._picks


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:21] + "..."  # noqa: PLR2004 - what a line can hold
