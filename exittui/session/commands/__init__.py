"""The command language: one table of commands, read in the dialect of ddb(4) or of gdb."""

from __future__ import annotations

from exittui.session.commands.command import Command
from exittui.session.commands.dialects import DIALECTS
from exittui.session.commands.reading import Order, number, read
from exittui.session.commands.table import (
    BY_KEY,
    BY_NAME,
    BY_WORD,
    COMMANDS,
    SCREEN_KEYS,
    key_name,
    keys_of,
    meaning,
    words_of,
)

__all__ = [
    "BY_KEY",
    "BY_NAME",
    "BY_WORD",
    "COMMANDS",
    "DIALECTS",
    "SCREEN_KEYS",
    "Command",
    "Order",
    "key_name",
    "keys_of",
    "meaning",
    "number",
    "read",
    "words_of",
]
