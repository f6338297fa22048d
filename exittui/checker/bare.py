"""What is asked of a machine of no kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exittui.checker.findings import Kind, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exittui.checker.judge import Ends, Looks
    from exittui.machine import Machine


class Bare:
    """Judges a machine of no kernel: every CPU has to come to its end."""

    def __init__(self) -> None:
        self.observed: set[str] = set()
        self.names: frozenset[str] = frozenset()
        self.everywhere = False

    def looks(self, _: Machine) -> Looks:
        """No statement is looked at."""
        return ()

    def ends(self) -> Ends:
        """Nor any end."""
        return ()

    def state(self, _: Machine) -> list[Sighting]:
        """Nothing is asked of states."""
        return []

    def flags(self, _: Machine) -> int:
        """Nothing is awaited."""
        return 0

    def end(self, machine: Machine, _: int) -> list[Sighting]:
        """A CPU that waits busily when nothing can go on is in a deadlock."""
        waits = [(cpu, machine.wait(cpu)) for cpu in range(machine.ncpu)]
        stuck = [f"cpu{cpu} waits in {wait.text}" for cpu, wait in waits if wait and wait.text]
        if not stuck:
            return []
        return [Sighting(Kind.DEADLOCK, "deadlock", "; ".join(stuck))]

    def circles(self) -> Iterator[tuple[Sighting, bytes]]:
        """Nobody looks at the order of locks."""
        return iter(())
