"""Workloads in the scenario format: what is drawn, and what is refused where."""

from __future__ import annotations

import pytest

from exittui.errors import ScenarioError
from exittui.scenario.load import parse
from exittui.scenario.model import Spread
from exittui.scenario.workload import sizes
from tests.compare.worlds import HEAD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[workload]]\nkind = 'make'\ncpus = 0", "line:6: workload[0].cpus: 0 unknown key"),
        ("[[workload]]\nkind = 'mkae'", "line:5: workload[0].kind: 'mkae' is not known; did you"),
        (
            "[[workload]]\nkind = 'make'\nuser = { median = -5 }",
            "line:6: workload[0].user.median: -5 out of range",
        ),
        (
            "[[workload]]\nkind = 'make'\npages = { shape = 'gauss' }",
            "line:6: workload[0].pages.shape: 'gauss' is not known",
        ),
        (
            "[[workload]]\nkind = 'make'\njobs = 8\npages = { median = 900_000 }",
            "line:7: workload[0].pages:",
        ),
        ("[[workload]]\nkind = 'make'\nprocesses = 0", "line:6: workload[0].processes: 0 out of"),
        (
            "[[workload]]\nkind = 'late'\nafter = 1.5",
            "line:6: workload[0].after: 1.5 is a fraction",
        ),
        (
            "[[workload]]\nkind = 'storm'\nuser = { low = 9, high = 3 }",
            "line:6: workload[0].user.low: 9 is more than `high`",
        ),
        (
            "[[workload]]\nkind = 'storm'\nuser = { median = 9, high = 3 }",
            "line:6: workload[0].user.median: 9 out of range",
        ),
        (
            "[[workload]]\nkind = 'storm'\n[[workload]]\nkind = 'storm'",
            "line:6: workload[1].name: is taken",
        ),
        ("", "process: missing; accepted: at least one [[process]] or [[workload]]"),
    ],
)
def test_a_bad_workload_is_refused_with_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(f"{HEAD}{text}\n", name="bad", file="line")
    assert message in caught.value.message


def test_no_cpu_is_refused() -> None:
    with pytest.raises(ScenarioError, match="cpus: 0 out of range"):
        parse(f"{HEAD}cpus = 0\n[[workload]]\nkind = 'make'\n", name="bad", file="bad.toml")


def test_what_does_not_fit_says_what_would() -> None:
    text = f"{HEAD}[time]\nmemory = 100\n[[workload]]\nkind='make'\njobs=4\npages={{median=9000}}"
    with pytest.raises(ScenarioError, match="4 processes of up to 9000 pages, 25600 pages of"):
        parse(text, name="bad", file="bad.toml")


def test_sizes_are_the_quantiles_of_their_distribution() -> None:
    assert sizes(Spread(median=7), 3) == [7, 7, 7]
    assert sizes(Spread(shape="uniform", low=0, high=100), 4) == [12, 38, 62, 88]
    drawn = sizes(Spread(shape="lognormal", median=1000, spread=200), 101)
    assert drawn[50] == 1000
    assert drawn == sorted(drawn)
    assert 1900 < drawn[84] < 2100
    assert sizes(Spread(shape="exponential", median=1000), 101)[50] == 1000
    assert max(sizes(Spread(shape="lognormal", median=1000, high=1500), 99)) == 1500
