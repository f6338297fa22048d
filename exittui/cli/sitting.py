"""From arguments to a session: of a scenario at its start, or of a session file as it was left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.cli.cache import cache_folder
from exittui.cli.config import beside
from exittui.cli.plan import plan
from exittui.errors import UsageError
from exittui.playback.ahead import equip

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from exittui.session.session import Session

_OF_A_RUN = ("kernel", "without", "schedule", "chooser", "seed")


def sit(
    arguments: argparse.Namespace,
    *,
    commands: tuple[str, ...] = (),
    check: Callable[[], None] | None = None,
    watched: bool = True,
) -> Session:
    """The session; `check` may refuse before anything takes time. `watched` as `Session` has it."""
    if _is_session(arguments.scenario):
        from exittui.session.opening import open_session  # noqa: PLC0415  # most starts have none

        for name in _OF_A_RUN:
            if getattr(arguments, name):
                raise UsageError(f"--{name} goes with a scenario: the session has its own")
        if check is not None:
            check()
        session = open_session(arguments.scenario, cache=cache_folder())
        session.beside = beside(arguments, session.machine.image)
        session.cache = cache_folder()
        return equip(session, cache_folder())
    asked = plan(arguments, commands)
    if check is not None:
        check()
    built = asked.build()
    if asked.run.schedule is not None:
        # One stands where it leads, as at the step that breaks a rule; the way back is recorded.
        from exittui.scenario.play import Play  # noqa: PLC0415  # as above

        Play(built, asked.run).end()

    from exittui.session.session import Session  # noqa: PLC0415  # errors come without it

    made = Session(built, beside(arguments, built.machine.image), watched=watched)
    made.cache = cache_folder()
    made.scenario_path = arguments.scenario if _is_path(arguments.scenario) else ""
    return equip(made, cache_folder())


def _is_path(word: str) -> bool:
    return "/" in word or word.endswith(".toml")


def _is_session(word: str) -> bool:
    """The quick part of the question: scenarios by name are no files."""
    if not _is_path(word) and "." not in word:
        return False
    from exittui.session.opening import is_session  # noqa: PLC0415  # as above

    return is_session(word)
