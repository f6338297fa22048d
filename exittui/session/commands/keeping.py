"""The part of the command table that keeps: branches, checkpoints, sessions, settings."""

from __future__ import annotations

from exittui.session.commands.command import Command


def branching(group: str) -> tuple[Command, ...]:
    """Branches, checkpoints, sessions and settings."""
    return (
        Command(
            "branch",
            (),
            ("branch",),
            "branch",
            "begin a branch of this name here; `branch OLD NEW` renames one",
            "[NAME] [NEW]",
            group,
            rest=True,
            repeats=False,
        ),
        Command(
            "branches",
            (),
            ("branches", "info branches"),
            "branches",
            "the tree of branches",
            "",
            group,
        ),
        Command(
            "switch",
            (),
            ("switch", "branch-to"),
            "switch",
            "go to where one left a branch",
            "BRANCH",
            group,
            repeats=False,
        ),
        Command(
            "compare",
            (),
            ("compare", "diff"),
            "compare",
            "the first step at which two branches choose differently",
            "BRANCH [BRANCH]",
            group,
            rest=True,
        ),
        Command("drop", (), ("drop",), "drop", "forget a branch", "BRANCH", group, repeats=False),
        Command(
            "checkpoint",
            (),
            ("checkpoint",),
            "checkpoint",
            "remember this place; `restart N` comes back to it",
            "",
            group,
            repeats=False,
        ),
        Command(
            "checkpoints",
            (),
            ("info checkpoints",),
            "checkpoints",
            "the places remembered",
            "",
            group,
        ),
        Command(
            "save",
            (),
            ("save",),
            "save",
            "write the session to a file, or to that it came from",
            "[FILE]",
            group,
            rest=True,
            repeats=False,
        ),
        Command(
            "set",
            (),
            ("set",),
            "set",
            "dialect ddb|gdb, scheduler-locking off|on|step",
            "NAME VALUE",
            group,
            rest=True,
            repeats=False,
        ),
        Command(
            "settings",
            (),
            ("settings", "info settings", "show settings"),
            "settings",
            "the settings",
            "",
            group,
        ),
        Command(
            "assert",
            (),
            ("assert",),
            "assert",
            "fail unless an expression holds; ends a command file",
            "EXPR",
            group,
            rest=True,
        ),
        Command(
            "echo", (), ("echo",), "echo", "print the rest of the line", "[TEXT]", group, rest=True
        ),
    )
