"""A small machine gone through to its end, for tests that compare searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.checker.bare import Bare
from exittui.checker.check import Options, Report, check

if TYPE_CHECKING:
    from exittui.machine import Machine


def searched(made: Machine, *, reduce: bool = True, ahead: bool = True) -> Report:
    """The report of a search that has covered every schedule."""
    report = check(made, Bare(), Options(reduce=reduce, ahead=ahead, simplify=False))
    assert report.complete
    return report


def names(report: Report) -> set[str]:
    """What is violated."""
    return {one.name for one in report.findings}
