"""A report for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exittui.checker.findings import Kind
from exittui.machine import Schedule, Scripted
from exittui.scenario.story import story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.checker.check import Report
    from exittui.checker.findings import Finding
    from exittui.machine import Machine

HOLDS: Final = 0
BOUNDED: Final = 10
CODES: Final = {
    Kind.DEADLOCK: 11,
    Kind.SAFETY: 12,
    Kind.LIVENESS: 13,
    Kind.EXPECTATION: 14,
    Kind.REACHED: 0,
}
_ORDER: Final = (Kind.SAFETY, Kind.DEADLOCK, Kind.LIVENESS, Kind.EXPECTATION)


def code(report: Report) -> int:
    """The exit code: that of the gravest property violated, 0 if none was seen to be."""
    kinds = {finding.kind for finding in report.findings}
    return next((CODES[kind] for kind in _ORDER if kind in kinds), HOLDS)


def verdict(report: Report) -> str:
    """One line: what is known now."""
    outcome = report.outcome
    broken = [one for one in report.findings if one.kind is not Kind.REACHED]
    many = len(broken)
    if broken:
        found = f"{many} propert{'ies are' if many > 1 else 'y is'} violated"
    elif report.complete:
        found = "all schedules hold"
    else:
        found = "no violation found"
    bounded = f"bounded: {outcome.bound}; not every schedule was covered"
    seen = "exhaustive" if report.complete else bounded
    return f"{found} ({seen})"


def told(machine: Machine, finding: Finding) -> list[str]:
    """The sentences of a counterexample, by playing it."""
    machine.goto(0)
    machine.run(Scripted(Schedule.parse(finding.schedule)), finding.steps)
    sentences = story(machine)
    machine.goto(0)
    machine.start()
    return sentences


def as_data(report: Report, machine: Machine, about: dict[str, Any]) -> dict[str, Any]:
    """Everything as plain data, the same bytes for the same search."""
    outcome = report.outcome
    return {
        **about,
        "verdict": verdict(report),
        "exit_code": code(report),
        "complete": report.complete,
        "bound": outcome.bound,
        "interrupted": report.interrupted,
        "states": outcome.states,
        "transitions": outcome.transitions,
        "steps": outcome.steps,
        "depth": outcome.depth,
        "ends": len(outcome.ends),
        "reduced": report.reduced,
        "chain": round(report.chain, 1),
        "rounds": report.rounds,
        "findings": [
            {
                "kind": str(finding.kind),
                "property": finding.name,
                "message": finding.message,
                "preemptions": finding.preemptions,
                "steps": finding.steps,
                "minimal": finding.minimal,
                "seen": finding.seen,
                "schedule": finding.schedule,
                "story": told(machine, finding),
            }
            for finding in report.findings
        ],
    }


def as_text(data: dict[str, Any], *, without: tuple[str, ...] = ()) -> Iterator[str]:
    """The report for people, from the same data."""
    yield f"{data['scenario']} under {data['kernel']}: {data['verdict']}"
    ends = data["ends"]
    yield (
        f"  {data['states']:,} states, {data['transitions']:,} transitions, "
        f"{data['depth']:,} steps deep, {ends:,} distinct end{'s' * (ends != 1)}"
    )
    yield f"  {_reduction(data)}"
    if "seconds" in data:
        yield f"  {data['seconds']:.1f} s, {data['megabytes']:.0f} MB"
    for number, finding in enumerate(data["findings"], 1):
        yield ""
        yield f"{number}. {finding['kind']}: {finding['message']}"
        least = "the fewest there can be" if finding["minimal"] else "the fewest found"
        many = finding["preemptions"]
        yield f"   {finding['steps']:,} steps, {many} preemption{'s' * (many != 1)} ({least})"
        for sentence in finding["story"]:
            yield f"   {sentence}"
        hunks = "".join(f" --without {name}" for name in without)
        hunks += " --no-rules" * (finding["kind"] != "safety")
        yield (
            f"   exittui {data['scenario']} --kernel {data['kernel']}{hunks} "
            f"--schedule '{finding['schedule']}'"
        )
    if data["findings"]:
        yield ""
        yield "These commands open the debugger there; `exittui run …` replays without a screen."


def _reduction(data: dict[str, Any]) -> str:
    if not data["reduced"]:
        return "not reduced: every statement is a transition"
    rounds = data["rounds"]
    return (
        f"reduced: {data['steps']:,} statements executed, {data['chain']:,.0f} for a transition, "
        f"in {rounds} round{'s' * (rounds != 1)}"
    )
