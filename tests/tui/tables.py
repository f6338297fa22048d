"""The tables of keys and commands in the README and in docs/commands.md, made from the one table.

`python -m tests.tui.tables` writes both again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.session.commands import COMMANDS, SCREEN_KEYS, key_name, keys_of
from exittui.session.commands.dialects import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.session.commands import Command

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
PAGE: Final = ROOT / "docs" / "commands.md"
BEGIN: Final = "<!-- keys: python -m tests.tui.tables writes them -->\n"
END: Final = "<!-- end of keys -->\n"


def keys() -> str:
    """The keys in the README: a row for each command that has one."""
    rows = [f"| {_keys(one)} | {_code(one.words[0])} | {_cell(one.help)} |" for one in _keyed()]
    rows += [
        f"| {_code(keys)} | | {_cell(text)} |"
        for keys, kind, text in SCREEN_KEYS
        if kind != "mouse"
    ]
    return "\n".join(["| key | command | |", "|---|---|---|", *rows, ""])


def _keyed() -> Iterator[Command]:
    return (one for one in COMMANDS if one.keys)


def page() -> str:
    """All commands, by group."""
    lines = [
        "# The commands of the debugger",
        "",
        "What a key does, a command at the prompt does too, and so do a line of a file for",
        "`exittui run --commands FILE` and `exittui --linear`. The words are those of gdb and of",
        "ddb(4); where the two mean different things by one, `set dialect ddb` or `gdb` chooses.",
    ]
    group = ""
    for one in COMMANDS:
        if one.group != group:
            group = one.group
            lines += ["", f"## {group.capitalize()}", ""]
            lines += ["| command | key | also | |", "|---|---|---|---|"]
        also = ", ".join(map(_code, one.words[1:]))
        lines.append(f"| {_code(one.usage)} | {_keys(one)} | {also} | {_cell(one.help)} |")
    lines += ["", "## On the screen alone", "", "| key | |", "|---|---|"]
    lines += [f"| {_code(keys)} | {_cell(text)} |" for keys, _, text in SCREEN_KEYS]
    by_name = {one.name: one.words[0] for one in COMMANDS}
    for dialect, meanings in MEANINGS.items():
        if meanings:
            lines += [
                "",
                f"## What else words mean in {dialect}",
                "",
                "| word | means |",
                "|---|---|",
            ]
        lines += [f"| {_code(word)} | {_code(by_name[name])} |" for word, name in meanings.items()]
    return "\n".join([*lines, ""])


def _keys(command: Command) -> str:
    """The keys as code, those that are a range as one."""
    if not command.keys:
        return ""
    text = keys_of(command)
    if len(command.keys) > 3:
        return _code(text)
    return " ".join(_code(key_name(key)) for key in command.keys)


def _code(text: str) -> str:
    text = text.strip()
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def with_keys(readme: str) -> str:
    """The README with the keys as they are now."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{keys()}{END}{after}"


def main() -> None:
    """Write both."""
    README.write_text(with_keys(README.read_text(encoding="utf-8")), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
