"""What of a state can still matter."""

from __future__ import annotations

import pytest

from exittui.machine import link
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.machine.machines import counting, endless


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


def test_what_ends_in_a_panic_or_a_loop_on_every_way_never_returns() -> None:
    image = link("endless", [endless])
    found = {one.function for one in image.statements if one.pc in image.noreturn}
    assert found == {"stop", "turn", "choose", "again", "there", "back"}
    assert all(
        one.pc in image.noreturn for one in image.statements if one.function in found and one.pc > 1
    )


@pytest.mark.parametrize("kernel", ["reaper", "mpi-2025-05", "cludwig-2025-09"])
def test_a_thread_that_exits_never_returns(kernel: str) -> None:
    image = build(find("single-exit"), kernel).machine.image
    found = {one.function for one in image.statements if one.pc in image.noreturn}
    assert {"exit1", "sys_exit", "userland"} <= found
    assert not found & {"mi_switch", "cpu_switchto", "exit2", "userret", "syscall"}
