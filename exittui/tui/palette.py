"""The command palette over the one table of commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from exittui.session.commands import COMMANDS, keys_of
from exittui.tui.desk import Desk

if TYPE_CHECKING:
    from textual.command import Hits


class CommandTable(Provider):
    """Every command, found by its words or its help."""

    async def discover(self) -> Hits:
        """All of them, in the order of the table."""
        desk = self.screen
        if isinstance(desk, Desk):
            for command in COMMANDS:
                title = f"{command.words[0]}  {keys_of(command)}"
                run = partial(desk.ask, command.name)
                yield DiscoveryHit(title, run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Those whose words or help match."""
        desk = self.screen
        if not isinstance(desk, Desk):
            return
        matcher = self.matcher(query)
        for command in COMMANDS:
            title = f"{' '.join(command.words)}: {command.help}"
            if (score := matcher.match(title)) > 0:
                run = partial(desk.ask, command.name)
                yield Hit(score, matcher.highlight(title), run, help=keys_of(command))
