"""The one table of commands: keys, prompt words, footer, help, palette and README come from it.

Letters are those of gdb and pudb, capitals do the same backwards, and every command also answers
to its gdb and ddb(4) words. Where the two languages mean different things by a word, `dialects`
says what each means; a setting chooses. A command's `name` says which function of `doing` it is.
"""

from __future__ import annotations

from typing import Final

from exittui.session.commands.ahead import searching
from exittui.session.commands.choices import choosing
from exittui.session.commands.command import Command
from exittui.session.commands.dialects import MEANINGS
from exittui.session.commands.keeping import branching, scripting
from exittui.session.commands.moves import going_back, moving
from exittui.session.commands.questions import asking, showing


def _on_screen(group: str) -> tuple[Command, ...]:
    """What only a screen can do; it carries these out itself."""

    def command(
        name: str,
        key: str,
        words: tuple[str, ...],
        text: str,
        argument: str = "",
        *,
        rest: bool = False,
    ) -> Command:
        keys = (key,) if key else ()
        return Command(name, keys, words, words[0], text, argument, group, rest, repeats=False)

    return (
        command("zoom", "z", ("zoom",), "the pane alone, or all of them again", "[PANE]"),
        command("layout", "l", ("layout",), "the next layout, that one, or reset", "[NAME]"),
        command("pane", "", ("pane",), "show a pane and give it the keys", "PANE"),
        command("panes", "v", ("panes",), "choose panes, a layout and a theme from a list"),
        command("hide", "x", ("hide",), "hide a pane; v brings it back", "[PANE]"),
        command("wider", "greater_than_sign", ("wider",), "the pane wider", "[CELLS]"),
        command("narrower", "less_than_sign", ("narrower",), "the pane narrower", "[CELLS]"),
        command("taller", "plus", ("taller",), "the pane taller; the timeline nearer", "[CELLS]"),
        command(
            "shorter", "minus", ("shorter",), "the pane shorter; the timeline farther", "[CELLS]"
        ),
        command("search", "slash", ("search",), "find a text in the source", "TEXT", rest=True),
        command(
            "stay", "o", ("follow",), "the source follows the chosen CPU, or stays where it is"
        ),
        command("object", "i", ("object",), "an object in the objects pane", "EXPR", rest=True),
        command(
            "theme", "T", ("theme",), "the next theme: dark, light, safe; or that one", "[NAME]"
        ),
        command(
            "copy",
            "ctrl+y",
            ("copy",),
            "the row, pane, screen or schedule to the clipboard",
            "[WHAT]",
        ),
        command(
            "screenshot",
            "ctrl+s",
            ("screenshot",),
            "the screen as an SVG file",
            "[FILE]",
            rest=True,
        ),
        Command(
            "help",
            ("question_mark", "f1", "h"),
            ("help", "h", "?"),
            "help",
            "the commands by group; what one does, those of a group, or all",
            "[COMMAND|GROUP|all]",
            group,
            rest=True,
        ),
        command("lessons", "", ("lessons",), "leave for the lessons, the demos and the tours"),
        Command("quit", ("q", "ctrl+q"), ("quit", "q", "exit"), "quit", "leave", group=group),
    )


COMMANDS: Final[tuple[Command, ...]] = (
    *moving("moving"),
    *going_back("going back"),
    *choosing("choosing"),
    *asking("asking"),
    *showing("showing"),
    *searching("all schedules"),
    *branching("branches"),
    *scripting("files and settings"),
    *_on_screen("screen"),
)

BY_NAME: Final[dict[str, Command]] = {command.name: command for command in COMMANDS}
BY_KEY: Final[dict[str, Command]] = {key: command for command in COMMANDS for key in command.keys}
BY_WORD: Final[dict[str, Command]] = {
    word: command for command in COMMANDS for word in command.words
}


def meaning(word: str, dialect: str) -> Command | None:
    """The command of these words in a dialect; None if they are none."""
    name = MEANINGS[dialect].get(word)
    return BY_WORD.get(word) if name is None else BY_NAME[name]


def words_of(command: Command, dialect: str) -> tuple[str, ...]:
    """All words for a command in a dialect, its usual one first."""
    other = MEANINGS[dialect]
    own = [word for word, name in other.items() if name == command.name]
    kept = [word for word in command.words if other.get(word, command.name) == command.name]
    return tuple(dict.fromkeys([*kept, *own]))


SCREEN_KEYS: Final[tuple[tuple[str, str, str], ...]] = (
    (":", "command", "type a command; Tab completes, an empty line repeats the last one"),
    ("Tab", "pane", "the next pane gets the keys; Shift+Tab the one before"),
    ("` ", "stack", "the next of the panes that share a place"),
    ("↑ ↓", "cursor", "a line of the source (b sets a breakpoint there), or a row of the pane"),
    ("PgUp PgDn", "page", "the same, by the page"),
    ("Enter", "enter", "a row: inspect it, follow its link, go there, let it go; else type"),
    ("Bksp", "back", "the object looked at before"),
    ("y", "why", "on a field of an object: the step that wrote it; Y goes there, Ctrl+O back"),
    ("{ }", "scrub", "a column of the timeline back, or on; + and - show fewer steps, or more"),
    (
        "n N",
        "found",
        "after a search, as long as its text stands in the prompt line: next, previous",
    ),
    ("Esc", "follow", "back to the chosen CPU; ends a search; interrupts a long run"),
    ("click", "mouse", "a row is chosen, and entered if it was; a gutter takes a breakpoint"),
    ("right click", "mouse", "asks why a field is what it is; deletes a stop"),
    ("help, prompt", "mouse", "a row of the help, an offered word and ⏎ are clicked"),
    ("drag", "mouse", "a frame: resizes; the timeline: goes through the run"),
    ("wheel", "mouse", "scrolls the pane under the pointer; nears the timeline"),
)
"""What only a screen can do: key, short name, help."""

_KEY_NAMES: Final[dict[str, str]] = {
    "full_stop": ".",
    "question_mark": "?",
    "space": "Space",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "f1": "F1",
    "ctrl+q": "Ctrl+Q",
    "ctrl+s": "Ctrl+S",
    "ctrl+y": "Ctrl+Y",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "ctrl+o": "Ctrl+O",
}


def key_name(key: str) -> str:
    """The key as it is printed on people's keyboards."""
    return _KEY_NAMES.get(key, key)


def keys_of(command: Command) -> str:
    """All keys of a command, for people."""
    if len(command.keys) > 3:  # noqa: PLR2004 - the digits
        return f"{command.keys[0]}-{command.keys[-1]}"
    return " ".join(key_name(key) for key in command.keys)
