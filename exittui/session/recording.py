"""`record`: the moves that were made, as a script that anybody can play, edit and check.

What was taken back is left out: the script goes straight from the start of the run to where one
stands now. A move is written as the command that made it, with the breakpoints there were. Whether
that command does the same in a script, where nobody else has set breakpoints and the other CPUs
wait, is tried on a fresh machine; where it does not, the CPUs' steps are written one by one.
"""

from __future__ import annotations

import textwrap
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from exittui.errors import ExittuiError, UsageError
from exittui.scenario.script import MAX_COMMANDS, MAX_CUES, Cue, Lesson

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from exittui.scenario.model import Scenario
    from exittui.session.made import Made, Moves
    from exittui.session.session import Session

DIALECT: Final = ""
"""That of scripts: every word means what the table says."""
_OFTEN: Final = frozenset({"step", "next", "any"})
"""Moves that one makes again and again: they are written once, with a count."""
_WIDTH: Final = 72


def record(session: Session, file: str) -> list[str]:
    """Write the script; raises UsageError if there is nothing to write, or nowhere to write it."""
    from exittui.scenario.writing import text_of  # noqa: PLC0415 - on request

    scenario = recorded(session)
    if not file.endswith(".toml"):
        raise UsageError(f"{file!r} does not end in .toml, as scenario files do")
    path = Path(file)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text_of(scenario))
    except FileExistsError:
        raise UsageError(f"{path} is there already") from None
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "cannot be written"
        raise UsageError(f"{path}: {problem.lower()}") from None
    count = sum(cue.do is not None for cue in scenario.script)
    return [f"{count} moves written to {path}; `exittui play` plays the file"]


def recorded(session: Session) -> Scenario:
    """The scenario with the moves as its script."""
    given = session.built.scenario
    lesson = Lesson(
        group="demo", teaches=given.title, minutes=1, without=tuple(session.built.without)
    )
    others = [kernel for kernel in given.kernels if kernel != session.kernel]
    return attrs.evolve(
        given,
        kernels=(session.kernel, *others),
        lesson=lesson,
        script=tuple(_Writer(session).cues()),
    )


class _Writer:
    """Plays the moves again on a machine of its own, and writes what it takes."""

    def __init__(self, session: Session) -> None:
        from exittui.scenario.build import build  # noqa: PLC0415 - on request
        from exittui.session.session import Session as Fresh  # noqa: PLC0415 - circular

        self._moves = list(_counted(session.moves))
        self._line = session.machine.schedule().picks
        built = session.built
        self._fresh = Fresh(build(built.scenario, session.kernel, tuple(built.without)))
        self._fresh.dialect = DIALECT

    def cues(self) -> list[Cue]:
        """A caption for each move, its commands before it, and what holds at the end."""
        if not self._line:
            raise UsageError("no step was made: there is nothing to record")
        found = [Cue(chapter="The moves"), Cue(say="The run begins here.")]
        for commands in self._all():
            found += [Cue(do=commands), Cue(say=_caption(self._fresh))]
        found.append(Cue(assert_=_claim(self._fresh)))
        if len(found) > MAX_CUES:
            most = (MAX_CUES - 3) // 2
            raise UsageError(f"more than {most} moves: a script has at most {MAX_CUES} cues")
        return found

    def _all(self) -> Iterator[tuple[str, ...]]:
        machine = self._fresh.machine
        for move in self._moves:
            if move.start < machine.position or move.end > len(self._line):
                continue
            yield from self._exactly(move.start)
            commands = self._as_it_was(move)
            if commands:
                yield commands
            else:
                yield from self._exactly(move.end)
        yield from self._exactly(len(self._line))

    def _as_it_was(self, move: Made) -> tuple[str, ...]:
        """The commands of a move, if they do the same here; stops only if they matter."""
        session = self._fresh
        here, focus = session.machine.position, session.focus
        chosen = () if move.focus == focus else (f"cpu {move.focus}",)
        for stops in ((), move.stops) if move.stops else ((),):
            commands = (*chosen, *stops, move.words)
            same = len(commands) <= MAX_COMMANDS and self._try(commands)
            if same and session.machine.schedule().picks == self._line[: move.end]:
                return commands
            session.machine.goto(min(here, session.machine.position))
            session.machine.forget_future()
            session.focus = focus
        return ()

    def _try(self, commands: Sequence[str]) -> bool:
        session = self._fresh
        try:
            for line in commands:
                session.run_line(line)
        except ExittuiError:
            return False
        finally:
            for stop in list(session.breakpoints):
                session.breakpoints.remove(stop.number)
        return True

    def _exactly(self, end: int) -> Iterator[tuple[str, ...]]:
        """Steps of one CPU after the other, up to a step."""
        session = self._fresh
        commands: list[str] = []
        for choice, steps in _runs(self._line[session.machine.position : end]):
            if choice < session.cpu_count:
                commands += [f"cpu {choice}", f"step {steps}"]
            else:
                commands += [f"pick {choice}"] * steps
        for at in range(0, len(commands), MAX_COMMANDS):
            part = tuple(commands[at : at + MAX_COMMANDS])
            if not self._try(part):
                raise UsageError(f"{'; '.join(part)!r} cannot be made in a script")
            yield part


def _runs(picks: array[int]) -> Iterator[tuple[int, int]]:
    for choice, group in groupby(picks):
        yield choice, sum(1 for _ in group)


def _counted(moves: Moves) -> Iterator[Made]:
    """The moves, those that are made again and again put together."""
    last: Made | None = None
    count = 1
    for move in moves:
        word = move.words
        if (
            last is not None
            and word in _OFTEN
            and (last.words.split()[0], last.focus, last.stops, last.end)
            == (word, move.focus, move.stops, move.start)
        ):
            count += 1
            last = last._replace(words=f"{word} {count}", end=move.end)
            continue
        if last is not None:
            yield last
        last, count = move, 1
    if last is not None:
        yield last


def _caption(session: Session) -> str:
    """The sentence of the screen, to be replaced by better words."""
    words = session.views.sentence().text
    return "\n".join(textwrap.wrap(words, _WIDTH, break_on_hyphens=False)) or "On."


def _claim(session: Session) -> str:
    """What holds at the end: how the run ended, or where it stands."""
    result = session.machine.result
    if result is not None:
        return f'result == "{result.kind}"'
    return f"step == {session.machine.position}"
