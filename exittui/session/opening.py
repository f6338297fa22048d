"""Opening a session file: the scenario it names, if that is still the one, and then the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from exittui.errors import ExittuiError
from exittui.scenario.build import build
from exittui.scenario.library import find, names
from exittui.session.restoring import restore
from exittui.session.saved import content_of, text_of_kernel
from exittui.session.session import Session
from exittui.session.stored import SUFFIX, read

if TYPE_CHECKING:
    from exittui.session.counterpart import Counterparts

_LOOKED_AT = 4096
_MARK = b"# A session of exittui"


def is_session(word: str) -> bool:
    """Whether a word of the command line is a session file, by its name or its first line."""
    if word.endswith(SUFFIX):
        return True
    try:
        if not Path(word).is_file():
            return False
        with Path(word).open("rb") as stream:
            return stream.read(_LOOKED_AT).startswith(_MARK)
    except (OSError, ValueError):
        return False


def open_session(
    path: str, *, cache: Path | None = None, beside: Counterparts | None = None
) -> Session:
    """The session of a file, as it was left; raises SessionError for what does not fit."""
    saved, error = read(path)
    word = saved.scenario
    if word not in names() and not Path(word).is_absolute():
        beside_file = Path(path).parent / word
        word = str(beside_file) if beside_file.is_file() else word
    try:
        scenario = find(word)
    except ExittuiError as problem:
        raise error(problem.message.partition("; known")[0], "scenario") from None
    if content_of(word) != saved.content:
        raise error(f"{saved.scenario} is not what it was when this was saved", "content")
    run = attrs.evolve(scenario.run, chooser=saved.chooser, seed=saved.seed)
    if run.chooser == "scripted" and run.schedule is None:
        run = attrs.evolve(run, chooser="round-robin")
    try:
        built = build(attrs.evolve(scenario, run=run), saved.kernel, saved.without, cache=cache)
    except ExittuiError as problem:
        key = "without" if "hunk" in problem.message else "kernel"
        raise error(problem.message, key) from None
    if text_of_kernel(built.machine.image) != saved.text:
        raise error(
            f"kernel {saved.kernel} does not read as it did when this was saved; "
            "a schedule of this file may still fit: exittui run SCENARIO --schedule 'SCHEDULE'",
            "kernel-text",
        )
    session = Session(built, beside)
    session.scenario_path = saved.scenario if saved.scenario not in names() else ""
    restore(session, saved, error)
    session.path = path
    return session
