"""The statements of a kernel at which something worth measuring happens.

Kernels differ in what they do between these places; the places are in all of them. They are found
by function and by a part of the statement, never by line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.machine.timed import slot

if TYPE_CHECKING:
    from exittui.machine import Image

OWNERS: Final = {"mtx_owner": "mtx", "mpl_owner": "mpl", "rwl_owner": "rwl"}
"""The field of a lock that says who holds it, and what functions of such locks call the lock."""

POINTS: Final = ("exit", "dead", "unmapped", "freed", "sigchld", "return")
"""The points at which the ends of a process under two kernels can be laid side by side."""

POINT_TITLES: Final = {
    "exit": "calls exit()",
    "dead": "is SDEAD",
    "unmapped": "has its address space unmapped",
    "freed": "has its address space freed",
    "sigchld": "sends SIGCHLD",
    "return": "is returned by the parent's wait4()",
}

COUNTED: Final = {
    "wakeups": ("setrunnable",),
    "IPIs": ("x86_ipi",),
    "forks": ("process_new",),
}
"""What is counted by how often functions are entered."""


@attrs.frozen
class Places:
    """Looks statements up in one image."""

    image: Image

    def entry(self, function: str) -> tuple[int, ...]:
        """The first statement of a function, if the kernel has it."""
        linked = self.image.functions.get(function)
        return (linked.entry,) if linked else ()

    def inside(self, function: str, *parts: str) -> tuple[int, ...]:
        """The statements of a function that have one of these parts in their text."""
        return tuple(
            statement.pc
            for statement in self.image.statements
            if statement.function == function and any(part in statement.text for part in parts)
        )

    def variable(self, function: str, name: str) -> int:
        """Where a frame of the function keeps a variable."""
        return slot(self.image.functions[function], name)

    def writing(self, field: str) -> tuple[int, ...]:
        """The statements that may write a field or variable."""
        return tuple(pc for pc, names in sorted(self.image.writes.items()) if field in names)

    def function(self, frame: Any) -> str:
        """The function that a frame belongs to."""
        pc: int = frame[0]
        return self.image.statements[pc].function
