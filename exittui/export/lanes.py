"""Lanes: what each CPU did, kernel above kernel on one scale, as SVG.

All kernels begin where the first process calls exit(), or at the start if none does. A bar is a
thread, dark in user mode, hatched where it spins for a lock; where there is none the CPU is idle.
Dashed lines are the points of the first exit.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from exittui.compare.places import POINT_TITLES, POINTS
from exittui.compare.table import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.compare.meter import Segment
    from exittui.compare.outcome import Outcome

_LEFT: Final = 70
_WIDTH: Final = 1040
_LANE: Final = 20
_GAP: Final = 86
_HUES: Final = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#e45756", "#72b7b2", "#9d755d")
_MARGIN: Final = 0.08
"""The part of the span that is shown before the call of exit()."""

_LEVELS: Final = 4
"""Rows of labels above the lanes, so that points close together can be read."""

_MOST: Final = 4000
"""Bars in one picture; what comes later is left out, and said to be."""


def svg(outcomes: Sequence[Outcome], title: str) -> str:
    """The picture of a comparison."""
    return "\n".join(_Picture(outcomes, title).lines()) + "\n"


class _Picture:
    def __init__(self, outcomes: Sequence[Outcome], title: str) -> None:
        self._outcomes = outcomes
        self._title = title
        self._starts = [_exit(one) for one in outcomes]
        spans = [_last(one) - start for one, start in zip(outcomes, self._starts, strict=True)]
        self._span = max(1, *spans)
        self._before = round(self._span * _MARGIN)
        self._hues: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        """All of it."""
        height = 40 + sum(_GAP + _LANE * len(one.cpus) for one in self._outcomes)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 20}" '
            f'height="{height}" font-family="sans-serif" font-size="11">'
        )
        yield (
            '<defs><pattern id="spin" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
            '<rect width="3" height="6" fill="#d62728"/></pattern></defs>'
        )
        yield '<rect width="100%" height="100%" fill="#fff"/>'
        yield f'<text x="10" y="20" font-size="14">{escape(self._title)}</text>'
        top = 40
        for outcome, start in zip(self._outcomes, self._starts, strict=True):
            yield from self._kernel(outcome, start, top)
            top += _GAP + _LANE * len(outcome.cpus)
        yield "</svg>"

    def _x(self, time: int, start: int) -> float:
        return _LEFT + (time - start + self._before) * _WIDTH / (self._span + self._before)

    def _kernel(self, outcome: Outcome, start: int, top: int) -> Iterator[str]:
        yield f'<text x="10" y="{top + 12}" font-weight="bold">{escape(outcome.kernel)}</text>'
        lanes = top + 58
        for cpu in range(len(outcome.cpus)):
            y = lanes + cpu * _LANE
            yield f'<text x="10" y="{y + 13}">cpu{cpu}</text>'
            yield (
                f'<line x1="{_LEFT}" y1="{y + _LANE - 2}" x2="{_LEFT + _WIDTH}" '
                f'y2="{y + _LANE - 2}" stroke="#ddd"/>'
            )
        shown_segments = [
            one for one in outcome.segments if one.kind != "idle" and one.end > start - self._before
        ]
        for segment in shown_segments[:_MOST]:
            yield from self._bar(segment, start, lanes)
        yield from self._points(outcome, start, lanes)

    def _bar(self, segment: Segment, start: int, lanes: int) -> Iterator[str]:
        left = max(float(_LEFT), self._x(segment.begin, start))
        width = self._x(segment.end, start) - left
        hue = self._hues.setdefault(segment.thread, _HUES[len(self._hues) % len(_HUES)])
        y = lanes + segment.cpu * _LANE
        fill = "url(#spin)" if segment.kind == "spin" else hue
        opacity = "1" if segment.kind != "system" else "0.55"
        what = f"{segment.thread}, {segment.kind}" + (
            f" for {segment.lock}" if segment.lock else ""
        )
        yield (
            f'<rect x="{left:.2f}" y="{y}" width="{max(width, 0.3):.2f}" height="{_LANE - 4}" '
            f'fill="{fill}" opacity="{opacity}"><title>{escape(what)}: '
            f"{shown(segment.end - segment.begin, 'ns')}</title></rect>"
        )
        if width > 7 * len(segment.thread) and segment.kind != "spin":
            yield f'<text x="{left + 3:.2f}" y="{y + 12}">{escape(segment.thread)}</text>'

    def _points(self, outcome: Outcome, start: int, lanes: int) -> Iterator[str]:
        if not outcome.endings:
            return
        points = outcome.endings[0].points
        bottom = lanes + _LANE * len(outcome.cpus)
        ends = [0.0] * _LEVELS  # of the last label on each level
        for name in sorted((name for name in POINTS if name in points), key=points.__getitem__):
            x = self._x(points[name][0], start)
            since = shown(points[name][0] - start, "ns")
            text, half = f"{name} {since}", 2.6 * len(f"{name} {since}")
            level = next((one for one in range(_LEVELS) if ends[one] < x - half), _LEVELS - 1)
            ends[level] = x + half + 4
            yield (
                f'<line x1="{x:.2f}" y1="{lanes - 6 - 10 * level}" x2="{x:.2f}" y2="{bottom}" '
                f'stroke="#333" stroke-dasharray="3 2"><title>{escape(POINT_TITLES[name])}: '
                f"{since}</title></line>"
            )
            yield (
                f'<text x="{x:.2f}" y="{lanes - 8 - 10 * level}" font-size="9" '
                f'text-anchor="middle">{text}</text>'
            )


def _exit(outcome: Outcome) -> int:
    return outcome.endings[0].points["exit"][0] if outcome.endings else 0


def _last(outcome: Outcome) -> int:
    return max((one.end for one in outcome.segments if one.kind != "idle"), default=outcome.end)
