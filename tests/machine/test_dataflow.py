"""What of a state can still matter."""

from __future__ import annotations

from exittui.machine import link
from tests.machine.machines import counting


def test_what_is_only_counted_up_is_unread() -> None:
    image = link("counting", [counting])
    assert image.unread & {"calls", "shown", "turns", "steps"} == {"calls", "shown"}


def test_a_local_is_live_until_it_is_read_last() -> None:
    image = link("counting", [counting])
    n, m, k = 4, 5, 6
    texts = {one.pc: one.text for one in image.statements if one.function == "work"}
    assert [(texts[pc], image.live[pc]) for pc in sorted(texts)] == [
        ("m = n + 1", (n,)),
        ("calls += 1", (m,)),
        ("shown = calls * 2", (m,)),
        ("k = m", (m,)),
        ("while k > 0:", (k,)),
        ("k -= 1", (k,)),
        ("if turns:", ()),
        ("k = steps", ()),
        ("turns = k + 1", (k,)),
    ]
