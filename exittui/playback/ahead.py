"""The checker behind a debugging session: what all schedules do from the place where one stands.

Session and checker are layers of their own that know nothing of each other; this is the lowest
layer that may know both. The session asks by a port of its own (`session/ahead.py`), and whoever
opens a session puts this into it. It searches on a machine of its own, built from the same
scenario and kernel and led to the same place by the same choices, so the session's machine stands
still meanwhile, and a search may be ended at any slice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.session.ahead import Failing, Fate, Sight

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from exittui.checker.ahead import Ahead
    from exittui.scenario.build import Built
    from exittui.session.session import Session


def equip(session: Session, cache: Path | None = None) -> Session:
    """Give a session its search; the same session."""
    session.searcher = Checking(session.built, cache)
    return session


class Checking:
    """Searches the schedules of what a session was built from."""

    def __init__(self, built: Built, cache: Path | None = None) -> None:
        self._built = built
        self._cache = cache
        self._ahead: Ahead | None = None

    def search(self, picks: bytes, first: int, most: int) -> Iterator[Sight]:
        """See `session.ahead.Searcher`."""
        if self._ahead is None:
            self._ahead = self._made()
        ahead = self._ahead
        fates: dict[int, Fate] = {}
        for _ in ahead.search(picks, first, most):
            yield _sight(ahead, fates)
        yield _sight(ahead, fates)

    def _made(self) -> Ahead:
        from exittui.checker.ahead import Ahead  # noqa: PLC0415 - most sessions never search
        from exittui.checker.judge import ScenarioJudge  # noqa: PLC0415 - as above
        from exittui.scenario.build import build  # noqa: PLC0415 - as above

        mine = self._built
        built = build(mine.scenario, mine.kernel, mine.without, cache=self._cache)
        return Ahead(built.machine, ScenarioJudge(built))


def _sight(ahead: Ahead, fates: dict[int, Fate]) -> Sight:
    """What is known now; `fates` is brought up to that."""
    if len(ahead.tallies) < len(fates):
        fates.clear()  # the search has begun again
    for place in reversed(ahead.tallies):
        if place in fates:
            break
        tally = ahead.tallies[place]
        by = tuple(sorted(tally.by.items()))
        fates[place] = Fate(tally.schedules, tally.failing, by, tally.endless)
    failing = tuple(
        Failing(name, one.sighting.message, one.picks) for name, one in ahead.failures.items()
    )
    return Sight(states=ahead.states, fates=fates, failing=failing, bound=ahead.bound)
