"""Published times beside those of the model, as text, JSON, CSV, and the sweep as a picture."""

from __future__ import annotations

import csv
import io
import json
from html import escape
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from exittui.compare.published import Times
    from exittui.compare.reproduction import Prediction, Reproduction, Swept

FAR: Final = 0.5
"""A predicted difference that misses more than this part of the published one is far off."""


def text(found: Reproduction) -> Iterator[str]:
    """For people."""
    measured = found.measurement
    yield f"{measured.name}: {measured.source}"
    yield f"machine: {measured.machine}"
    yield ""
    yield f"{'seconds':<34}{'real':>9}{'user':>9}{'sys':>9}    from before"
    yield _line("published, before", measured.before)
    before = found.of(measured.baseline)
    yield _line(f"model, {measured.baseline} (calibrated)", before.times)
    for times in measured.after:
        yield _line("published, with the diff", times, times.relative(measured.before))
    for one in found.predictions[1:]:
        off = one.times.relative(before.times)
        yield _line(f"model, {one.kernel} (predicted)", one.times, off) + _drawn(one)
        if one.fault:
            yield f"  its run did not come to the end, the times mean nothing: {one.fault}"
    yield ""
    yield from _judged(found)
    yield ""
    yield from _said(found)
    yield ""
    yield from _behind(found)
    if found.sweep:
        yield ""
        yield from _sweep(found)


def _line(name: str, times: Times, off: Times | None = None) -> str:
    line = f"{name:<34}{times.real:>9.2f}{times.user:>9.2f}{times.sys:>9.2f}"
    if off is not None:
        line += f"    {off.real:+.1%} {off.user:+.1%} {off.sys:+.1%}"
    return line


def _drawn(one: Prediction) -> str:
    """Between what the difference of real time lies, from draw to draw."""
    if not one.draws:
        return ""
    low, high = one.spread("real")
    return f"   real {low:+.1%} to {high:+.1%}"


def _judged(found: Reproduction) -> Iterator[str]:
    """How far off the prediction is, for each of the three times."""
    measured = found.measurement
    says = found.predicted
    model = found.of(measured.changed).times
    worst = 0.0
    for name in ("real", "user", "sys"):
        published = [getattr(times.relative(measured.before), name) for times in measured.after]
        mean = sum(published) / len(published)
        value = getattr(says, name)
        errors = ", ".join(
            f"{getattr(model, name) / getattr(times, name) - 1:+.1%}" for times in measured.after
        )
        spread = " and ".join(f"{one:+.1%}" for one in published)
        yield (
            f"{name:<5} predicted {value:+.1%}, published {spread}; "
            f"error of the predicted time {errors}"
        )
        if name != "user":
            worst = max(worst, abs(value - mean) / abs(mean))
    if worst > FAR:
        yield (
            f"The prediction is far off: of what the diff changed, the model misses up to "
            f"{worst:.0%}. See below what it does not know."
        )
    else:
        yield f"Of what the diff changed, the model misses up to {worst:.0%}."


def _said(found: Reproduction) -> Iterator[str]:
    """What was calibrated, what was assumed, what was predicted."""
    fitted, measured = found.calibrated, found.measurement
    yield (
        f"Calibrated, to the baseline's three times only: {fitted.user:.1f} s of computing, "
        f"{fitted.kernel:.1f} s of other work"
    )
    yield (
        f"  in the kernel, {fitted.alone:.1f} s of make alone. Predicted: all of every other line; "
        "no published time of it was used."
    )
    draws = len(found.predictions[0].draws)
    yield (
        f"Predicted is the mean of {draws} draws of the same sizes; the range at the right is how "
        "far they lie apart."
    )
    yield (
        f"Assumed: {measured.processes:,} processes, of which {found.sample:,} were run; "
        f"{fitted.locked / max(1e-9, fitted.kernel):.0%} of the other kernel work with"
    )
    yield "  the kernel lock; sizes; the costs of exittui/kernel/costs.toml, fitted to nothing."
    yield (
        "Not known to the model: caches that a process leaves cold for another, memory bandwidth, "
        "page faults that wait for"
    )
    yield (
        "  each other, the lock of the page allocator, disks, deeper idle states, clock "
        "frequencies. User time cannot change in it."
    )


def _behind(found: Reproduction) -> Iterator[str]:
    """What the model's times are made of."""
    yield (
        f"{'model, the whole build':<24}{'switches':>12}{'spin s':>9}{'idle s':>9}"
        f"{'exit to wait4':>15}{'in no usage s':>15}"
    )
    for one in found.predictions:
        yield (
            f"{one.kernel:<24}{one.switches:>12,}{one.spin:>9.2f}{one.idle:>9.2f}"
            f"{one.latency / 1000:>12.1f} µs{one.unaccounted:>15.2f}"
        )


def _sweep(found: Reproduction) -> Iterator[str]:
    first = found.sweep[0]
    yield (
        f"Sensitivity: how far {found.measurement.changed} is from {found.measurement.baseline}, "
        "when this is otherwise"
    )
    low, high = chance(found)
    yield (
        f"Chance alone, other draws of the same sizes, moves real between {low:+.1%} and "
        f"{high:+.1%}: what is in there (*) says nothing."
    )
    yield f"{'':<34}{'':>12}{'real':>9}{'sys':>9}   change of real"
    yield _swept(first, first, (low, high))
    ordered = sorted(
        found.sweep[1:], key=lambda one: (-abs(one.real - first.real), one.name, one.factor)
    )
    for one in ordered:
        yield _swept(one, first, (low, high))


def chance(found: Reproduction) -> tuple[float, float]:
    """The smallest and the largest difference of real time over draws of the same workload."""
    draws = [
        one.real
        for one in found.sweep
        if one.name.startswith(("chance", "as assumed")) and not one.fault
    ]
    return min(draws, default=0.0), max(draws, default=0.0)


def _swept(one: Swept, first: Swept, band: tuple[float, float]) -> str:
    if one.fault:
        return f"{one.name:<34}{one.factor:>12}  {one.fault}"
    line = f"{one.name:<34}{one.factor:>12}{one.real:>+9.2%}{one.sys:>+9.2%}"
    if one is first:
        return line
    within = "*" if band[0] <= one.real <= band[1] else ""
    return f"{line}   {(one.real - first.real) * 100:+.2f} points {within}".rstrip()


def as_json(found: Reproduction) -> Iterator[str]:
    """One document with everything."""
    yield json.dumps(attrs.asdict(found), indent=1, ensure_ascii=True)


def as_csv(found: Reproduction) -> Iterator[str]:
    """The times, published and of the model, what the model's are made of, and the sweep."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    more = ("switches", "spin", "idle", "exit to wait4", "in no usage", "least real", "most real")
    writer.writerow(["what", "kernel", "real", "user", "sys", *more])
    nothing = [""] * len(more)
    measured = found.measurement
    writer.writerow(["published", measured.baseline, *_three(measured.before), *nothing])
    for times in measured.after:
        writer.writerow(["published", measured.changed, *_three(times), *nothing])
    for one in found.predictions:
        what = "calibrated" if one.kernel == measured.baseline else "predicted"
        seconds = [f"{value:.6f}" for value in (one.spin, one.idle)]
        ends = [f"{one.latency * 1e-9:.9f}", f"{one.unaccounted:.6f}"]
        ends += [f"{value:.6f}" for value in one.spread("real")]
        row = [what, one.kernel, *_three(one.times), one.switches, *seconds, *ends]
        writer.writerow(row)
    for case in found.sweep:
        name = f"sweep {case.name} {case.factor}".strip()
        times_of = [f"{case.real:.6f}", "", f"{case.sys:.6f}"]
        writer.writerow([name, measured.changed, *times_of, *nothing])
    yield from out.getvalue().splitlines()


def _three(times: Times) -> list[str]:
    return [f"{times.real:.3f}", f"{times.user:.3f}", f"{times.sys:.3f}"]


FORMATS: Final[Mapping[str, Callable[[Reproduction], Iterator[str]]]] = {
    "text": text,
    "json": as_json,
    "csv": as_csv,
}

_ROW: Final = 18
_LEFT: Final = 300
_WIDTH: Final = 620


def svg(found: Reproduction) -> str:
    """The sweep: a bar from the difference as assumed to that with the change, largest first."""
    first = found.sweep[0]
    rows = sorted(
        (one for one in found.sweep[1:] if not one.fault),
        key=lambda one: (-abs(one.real - first.real), one.name, one.factor),
    )
    published = [one.relative(found.measurement.before).real for one in found.measurement.after]
    values = [one.real for one in (first, *rows)] + published + [0.0]
    low, high = min(values) - 0.005, max(values) + 0.005

    def x(value: float) -> float:
        return _LEFT + (value - low) * _WIDTH / (high - low)

    height = 60 + _ROW * len(rows)
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 60}" '
            f'height="{height}" font-family="sans-serif" font-size="11">'
        ),
        '<rect width="100%" height="100%" fill="#fff"/>',
        (
            f'<text x="10" y="18" font-size="14">{escape(found.measurement.changed)} against '
            f"{escape(found.measurement.baseline)}: real, when an assumption is otherwise</text>"
        ),
    ]
    low_chance, high_chance = x(chance(found)[0]), x(chance(found)[1])
    lines.append(
        f'<rect x="{low_chance:.1f}" y="42" width="{high_chance - low_chance:.1f}" '
        f'height="{height - 52}" fill="#eee"><title>chance alone</title></rect>'
    )
    for value, name, colour in [
        *((one, "published", "#d62728") for one in published),
        (first.real, "model", "#333"),
        (0.0, "no change", "#999"),
    ]:
        lines.append(
            f'<line x1="{x(value):.1f}" y1="42" x2="{x(value):.1f}" y2="{height - 10}" '
            f'stroke="{colour}" stroke-dasharray="3 2"><title>{name} {value:+.1%}</title></line>'
        )
        lines.append(
            f'<text x="{x(value):.1f}" y="38" fill="{colour}" font-size="9" '
            f'text-anchor="middle">{value:+.1%}</text>'
        )
    for index, one in enumerate(rows):
        y = 50 + index * _ROW
        left, right = sorted((x(first.real), x(one.real)))
        lines.append(
            f'<text x="{_LEFT - 8}" y="{y + 11}" text-anchor="end">'
            f"{escape(one.name)} {escape(one.factor)}</text>"
        )
        lines.append(
            f'<rect x="{left:.1f}" y="{y + 2}" width="{max(1.0, right - left):.1f}" height="11" '
            f'fill="#4c78a8"><title>{one.real:+.2%}</title></rect>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"
