"""The part of the command table that asks what all schedules do."""

from __future__ import annotations

from exittui.session.commands.command import Command


def searching(group: str) -> tuple[Command, ...]:
    """From here, from every place of the run, and to where it matters."""
    return (
        Command(
            "check",
            ("a",),
            ("check",),
            "check all",
            "all schedules that go on from here: how many fail, and how; at most MOVES are made",
            "[MOVES]",
            group,
            repeats=False,
        ),
        Command(
            "shares",
            ("A",),
            ("shares",),
            "shares",
            "how many schedules fail from each recorded step: the point of no return, and a lane "
            "of the timeline",
            "[MOVES]",
            group,
            repeats=False,
        ),
        Command(
            "differ",
            ("d",),
            ("differ",),
            "outcome",
            "to the next recorded step from which schedules end otherwise than from here",
            group=group,
        ),
        Command(
            "back_differ",
            ("D",),
            ("back-differ",),
            "outcome back",
            "back to the last recorded step from which schedules end otherwise",
            group=group,
        ),
        Command(
            "witness",
            (),
            ("witness",),
            "witness",
            "make the choices of the schedule that `check` found for its failure N, to the end",
            "[N]",
            group,
            repeats=False,
        ),
    )
