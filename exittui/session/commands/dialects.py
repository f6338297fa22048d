"""What ddb(4) and gdb mean by a word where they differ, and which words are their own.

Their own words are what a word cut short stands for before it can stand for anything else: `t` is
ddb's `trace` though other commands begin with t as well.
"""

from __future__ import annotations

from typing import Final

DIALECTS: Final = ("ddb", "gdb")

MEANINGS: Final[dict[str, dict[str, str]]] = {
    "ddb": {
        "next": "match",
        "n": "match",
        "until": "call_or_return",
        "u": "call_or_return",
        "e": "examine",
        "k": "kill",
        "w": "write",
    },
    "gdb": {
        "run": "rerun",
        "r": "rerun",
        "f": "frame",
        "t": "thread",
        "dis": "disable",
        "k": "kill",
        "info f": "frame_info",
        "info lo": "locals",
        "info s": "trace",
        "info di": "displays",
        "info wat": "watches",
    },
}
"""Words by which a dialect means another command than the table, by the name of that command."""

_DDB: Final = """
    break boot call continue delete dmesg dwatch examine help kill machine match next print ps
    search set show step trace until watch write x
"""
_GDB: Final = """
    advance apropos backtrace break bt call catch checkpoint clear complete condition continue
    delete disable display down echo enable finish frame help ignore info jump kill list next nexti
    output print printf ptype quit reverse-continue reverse-finish reverse-next reverse-nexti
    reverse-step reverse-stepi restart run set show source start step stepi tbreak thread undisplay
    until up watch whatis when where x
"""
OWN: Final = {"ddb": frozenset(_DDB.split()), "gdb": frozenset(_GDB.split())}
"""The first words of the commands of each."""
