"""`exittui play`: a lesson or a demo on the screen, or run through to see that it holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from exittui.cli.arguments import play_parser
from exittui.cli.cache import cache_folder
from exittui.errors import ExitCode, UsageError
from exittui.playback.ahead import equip
from exittui.playback.budget import MOST_WORK
from exittui.playback.checking import run_through
from exittui.playback.failure import ScriptFailed
from exittui.playback.player import Player
from exittui.playback.tour import about, toured
from exittui.scenario.build import build
from exittui.scenario.library import LESSONS, folder, lessons, names, path_of
from exittui.scenario.load import load, read
from exittui.scenario.script import GROUPS
from exittui.session.session import Session

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from exittui.scenario.model import Scenario
    from exittui.tui.picker import Entry


def command(words: Sequence[str]) -> int:
    """Play it for whoever sits there, or check it where nobody does."""
    arguments = play_parser().read(words)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if arguments.scenario is None:
        if terminal and not arguments.check:
            return _pick(arguments)
        for line in contents():
            print(line)
        return ExitCode.OK
    path = _found(arguments.scenario)
    if arguments.check or not terminal:
        return check(path, arguments.work)
    return _show(path, arguments)


def _pick(arguments: argparse.Namespace) -> int:
    """Lesson after lesson, until the person wants no more."""
    from exittui.cli.screen import check_terminal  # noqa: PLC0415 - only with somebody there
    from exittui.tui.picker import pick  # noqa: PLC0415

    check_terminal()
    name = ""
    while found := pick(entries(), name):
        name = found
        _show(path_of(name), arguments)
    return ExitCode.OK


def entries() -> tuple[Entry, ...]:
    """What there is to choose from, the course first."""
    from exittui.playback.progress import Progress  # noqa: PLC0415
    from exittui.tui.picker import Entry  # noqa: PLC0415

    kept = Progress.read(progress_file()).scores
    found = []
    for path in [*(folder() / LESSONS / f"{name}.toml" for name in lessons()), *_references()]:
        name, scenario = path.stem, _quickly(path)
        lesson, score = scenario.lesson or about(scenario), kept.get(path.stem)
        entry = Entry(
            name=name,
            title=scenario.title,
            group=lesson.group,
            teaches=lesson.teaches,
            minutes=lesson.minutes,
            questions=sum(cue.ask is not None for cue in scenario.script),
            kernels=scenario.kernels,
            chapters=tuple(cue.chapter for cue in scenario.script if cue.chapter is not None),
            done=f"{score.right} of {score.asked} right" if score is not None else "",
            finished=score is not None and score.finished,
        )
        found.append(((GROUPS.index(lesson.group), lesson.number, name), entry))
    return tuple(entry for _, entry in sorted(found, key=lambda pair: pair[0]))


def _references() -> Iterator[Path]:
    """The scenarios without a script, one for each path."""
    yield from (folder() / f"{name}.toml" for name in names())


def _quickly(path: Path) -> Scenario:
    """A scenario as it was read before, where that is kept: the picker shows all of them."""
    from exittui.scenario import kept  # noqa: PLC0415 - only the picker loads so many

    cache = cache_folder()
    return kept.load(path, cache) if cache is not None else load(path)


def contents() -> Iterator[str]:
    """The lessons, demos and tours in their order, each with what the person has done of it."""
    group = ""
    for one in entries():
        if one.group != group:
            group = one.group
            yield {"course": "the course", "demo": "demos", "reference": "tours"}[group]
        mark = "✓" if one.finished else " "
        done = f", {one.done}" if one.done else ""
        yield f"{mark} {one.name:22} {one.title} ({one.minutes} min{done})"
        yield f"    {one.teaches}"


def _found(word: str) -> Path:
    """The file of a lesson by its name, its path, or words that only its title has."""
    try:
        return path_of(word)
    except UsageError:
        paths = [folder() / LESSONS / f"{name}.toml" for name in lessons()]
        fitting = [path for path in paths if word.lower() in load(path).title.lower()]
        if len(fitting) != 1:
            raise
        return fitting[0]


def player_of(path: Path, work: int = MOST_WORK) -> Player:
    """The player of a file, at the start of its run; `work` is how much it may make, in steps."""
    scenario = load(path)
    if not scenario.script:
        scenario = toured(scenario, cache_folder(), work)
    without = scenario.lesson.without if scenario.lesson is not None else ()
    built = build(scenario, scenario.kernels[0], without, cache=cache_folder())
    return Player(equip(Session(built), cache_folder()), cache_folder(), work)


def check(path: Path, work: int = MOST_WORK) -> int:
    """Run a script through and say what was in it; raises the first failure."""
    player = player_of(path, work)
    try:
        passed = run_through(player)
    except ScriptFailed as failure:
        raise placed(failure, path) from None
    told = ", ".join(f"{number} {name}" for name, number in attrs.asdict(passed).items() if number)
    print(f"{path.stem}: {told}")
    return ExitCode.OK


def placed(failure: ScriptFailed, path: Path) -> ScriptFailed:
    """The failure with the file and the line of its cue."""
    from exittui.scenario.lines import KeyLines  # noqa: PLC0415 - a failure pays for it

    place = ("script", failure.cue, failure.key) if failure.key else ("script", failure.cue)
    return ScriptFailed(
        failure.problem,
        cue=failure.cue,
        key=failure.key,
        file=str(path),
        line=KeyLines(read(path)).line(place),
    )


class Watched:
    """A script's file while it is played: called, it gives a player of it if it was changed."""

    def __init__(self, path: Path, work: int = MOST_WORK) -> None:
        """Take the file as it is now for unchanged."""
        self._path, self._work = path, work
        self._stamp = self._now()

    def __call__(self) -> Player | None:
        """The player of the changed file; raises ExittuiError for one that cannot be played."""
        now = self._now()
        if now == self._stamp:
            return None
        self._stamp = now
        return player_of(self._path, self._work)

    def _now(self) -> tuple[int, int]:
        """Nobody writes another text of the same length within the same nanosecond."""
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size


def progress_file() -> Path:
    """Where scores are kept, as the XDG base directories have it."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return base / "exittui" / "progress.json"


def _show(path: Path, arguments: argparse.Namespace) -> int:
    """The screen, with the script's captions on it; the score is kept when it is left."""
    from exittui.cli.screen import check_terminal  # noqa: PLC0415 - only with somebody there
    from exittui.playback.progress import Progress  # noqa: PLC0415

    check_terminal()
    player = player_of(path, arguments.work)
    try:
        if arguments.chapter is None:
            player.forward()
        elif 1 <= arguments.chapter <= len(player.chapters):
            player.chapter(arguments.chapter)
        else:
            raise UsageError(f"no chapter {arguments.chapter}: 1 to {len(player.chapters)}")
    except ScriptFailed as failure:
        raise placed(failure, path) from None

    from exittui.tui.app import run_app  # noqa: PLC0415 - errors come without a screen

    watched = Watched(path, arguments.work)
    speed = arguments.speed if arguments.auto else 0
    run_app(player.session, player, speed=speed, renewed=watched)
    kept = Progress.read(progress_file())
    best = kept.add(path.stem, player.score)
    kept.write(progress_file())
    print(best)
    return ExitCode.OK
