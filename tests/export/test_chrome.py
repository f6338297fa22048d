"""Traces keep the rules of the trace event format, which the viewers rely on."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from exittui.compare.outcome import measure
from exittui.export.chrome import document, from_outcomes, from_runs
from exittui.scenario.build import build
from exittui.scenario.library import find
from tests.compare.worlds import MAKE, workload

Event = dict[str, Any]


def valid(lines: list[str]) -> list[Event]:
    """The events of a trace, after looking at everything the format asks for."""
    events: list[Event] = json.loads("\n".join(lines))["traceEvents"]
    for event in events:
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert event["pid"] > 0
        assert event["tid"] > 0 or event["ph"] == "C" or event["name"] == "process_name"
        assert isinstance(event["name"], str)
        assert event["name"]
        assert event["ph"] in "MXbesfCi"
        if event["ph"] != "M":
            assert event["ts"] >= 0
        if event["ph"] == "C":
            assert all(isinstance(value, int) for value in event["args"].values())
    nested(events)
    paired(events)
    bound(events)
    named(events)
    return events


def nested(events: list[Event]) -> None:
    """On each track a slice ends before the one it began in."""
    tracks = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            assert event["dur"] >= 0
            begin = round(event["ts"] * 1000)
            tracks[event["pid"], event["tid"]].append((begin, begin + round(event["dur"] * 1000)))
    for slices in tracks.values():
        open_until: list[int] = []
        for begin, end in sorted(slices, key=lambda one: (one[0], -one[1])):
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            assert not open_until or end <= open_until[-1]
            open_until.append(end)


def paired(events: list[Event]) -> None:
    """Asynchronous events begin before they end, one at a time for each number."""
    held: dict[Any, Event] = {}
    for event in sorted((one for one in events if one["ph"] in "be"), key=lambda one: one["ts"]):
        key = (event["cat"], event["id"], event["pid"])
        if event["ph"] == "b":
            assert key not in held
            held[key] = event
        else:
            assert held.pop(key)["ts"] <= event["ts"]
    flows = {one["id"]: one for one in events if one["ph"] == "s"}
    ends = [one for one in events if one["ph"] == "f"]
    assert len({one["id"] for one in ends}) == len(ends)
    for end in ends:
        assert flows[end["id"]]["ts"] <= end["ts"]


def bound(events: list[Event]) -> None:
    """A flow begins and ends inside of a slice."""
    slices = [one for one in events if one["ph"] == "X"]
    for event in events:
        if event["ph"] in "sf":
            assert any(
                one["pid"] == event["pid"]
                and one["tid"] == event["tid"]
                and one["ts"] <= event["ts"] <= one["ts"] + one["dur"] + 1e-6
                for one in slices
            )


def named(events: list[Event]) -> None:
    """Every track has a name."""
    known = {(one["pid"], one["tid"]) for one in events if one["name"] == "thread_name"}
    assert {(one["pid"], one["tid"]) for one in events if one["ph"] == "X"} <= known


@pytest.fixture(scope="module")
def small() -> list[str]:
    scenario = find("fork-and-wait")
    return list(document(from_runs([build(scenario, one) for one in ("reaper", "mpi-2025-05")])))


def test_a_run_as_a_trace(small: list[str]) -> None:
    events = valid(small)
    kinds = {event["ph"] for event in events}
    assert kinds >= set("MXbesfC")
    names = {event["name"] for event in events}
    assert {"exit1", "uvm_map_teardown", "cpu_switchto", "zombies", "threads", "idle"} <= names
    assert any(name.startswith("kernel_lock") for name in names)


def test_both_kernels_have_tracks_of_their_own(small: list[str]) -> None:
    events = valid(small)
    groups = {one["args"]["name"] for one in events if one["name"] == "process_name"}
    assert {"reaper: CPUs", "mpi-2025-05: CPUs", "reaper: reaper"} <= groups
    assert "mpi-2025-05: reaper" not in groups


def test_the_same_bytes_again(small: list[str]) -> None:
    scenario = find("fork-and-wait")
    again = from_runs([build(scenario, one) for one in ("reaper", "mpi-2025-05")])
    assert list(document(again)) == small


def test_a_workload_as_a_trace() -> None:
    outcomes = [
        measure(workload(MAKE, cpus=3), kernel, segments=5000)
        for kernel in ("reaper", "mpi-2025-05")
    ]
    events = valid(list(document(from_outcomes(outcomes))))
    assert {event["ph"] for event in events} == set("MXbesfCi")
    names = {event["name"] for event in events}
    assert {"kernel_lock", "sched_lock", "wakeup", "zombies"} <= names
    groups = {one["args"]["name"] for one in events if one["name"] == "process_name"}
    assert {"reaper: CPUs", "reaper: threads", "mpi-2025-05: threads"} <= groups
    threads = {one["args"]["name"] for one in events if one["name"] == "thread_name"}
    assert any(name.startswith("make-job ") for name in threads)
    assert any("is SDEAD" in event["name"] for event in events)
