"""Keys, clicks and sizes without sense: no traceback, and a session that still adds up.

Here are a few hundred; `python -m tests.bench.hammer` makes many thousand, over all scenarios.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.hammering import hammer, whole

if TYPE_CHECKING:
    from tests.session.conftest import Open

COUNT = 200


@pytest.mark.parametrize(
    ("scenario", "kernel"),
    [("three-threads-exit", "mpi-2025-05"), ("fork-and-wait", "reaper")],
)
def test_random_keys_clicks_and_sizes(open_session: Open, scenario: str, kernel: str) -> None:
    session = open_session(scenario, kernel)
    start = session.machine.fingerprint()
    hammer(session, kernel, COUNT)
    whole(session)
    session.machine.goto(0)
    assert session.machine.fingerprint() == start
