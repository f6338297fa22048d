"""Keys, clicks and sizes without sense: no traceback, and a session that still adds up.

Here is a little for every other scenario; `python -m tests.bench.hammer` makes many thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from exittui.scenario.library import find, names
from tests.tui.hammering import hammer, whole

if TYPE_CHECKING:
    from tests.session.conftest import Open

COUNT: Final = 25
LARGE: Final = frozenset({"storm"})
"""Scenarios that take longer to boot than all others together; the long run has them too."""
SCENARIOS: Final = [name for name in names() if name not in LARGE]


@pytest.mark.parametrize(
    "number", range(0, len(SCENARIOS), 2), ids=lambda number: SCENARIOS[number]
)
def test_random_keys_clicks_and_sizes(open_session: Open, number: int) -> None:
    """Kernels take turns, so that each has its share."""
    scenario = SCENARIOS[number]
    kernels = find(scenario).kernels
    session = open_session(scenario, kernels[number % len(kernels)])
    start = session.machine.fingerprint()
    hammer(session, scenario, COUNT)
    whole(session)
    session.machine.goto(0)
    assert session.machine.fingerprint() == start
