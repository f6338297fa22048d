"""Small machines at random in which CPUs make each other's threads take ASTs, and send them IPIs.

What the handler of the IPI does is what the kernel's does: nothing, but that in user mode ASTs are
looked for.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from tests.checker.dice import MUTEX, made
from tests.checker.machines import asked

if TYPE_CHECKING:
    from exittui.machine import Machine

_HEAD = Path(asked.__file__).read_text(encoding="utf-8").partition("def ast(")[0]
"""The machine of `asked.py` but for what is done there."""

_MORE = """
from exittui.machine.lang import KASSERT

p0: proc = variable(proc)
p2: proc = variable(proc)
m: mutex = variable(mutex)
"""


class _Dice:
    """Writes the bodies of functions."""

    def __init__(self, seed: int, cpus: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - dice, not secrets
        self._cpus = cpus

    def text(self) -> str:
        functions = [_HEAD.rstrip(), MUTEX, _MORE, *_function("ast()", self._some(1))]
        for number in range(self._cpus):
            functions += self._thread(number)
        return "\n".join(functions) + "\n"

    def _thread(self, number: int) -> list[str]:
        """One that is in user mode now and then, and makes system calls."""
        draw = self._random
        lines: list[str] = []
        user = ["me().ci_intr = 1"]
        for call in range(draw.choice((0, 1, 1, 1, 2))):
            user += self._some(draw.randint(0, 1))
            user.append(f"call{number}{call}()")
            body = [*self._piece(number), f"check_asts(p{number})"]
            body.append('return atomic_cas(me(), "ci_intr", 0, 1)')
            lines += ["", "", *_function(f"call{number}{call}()", body, "bool")]
        if draw.random() < 0.5:
            user += [f"while {draw.choice('ab')} == 0:", "    spin()"]
        user += self._some(draw.randint(0, 1))
        lines += ["", "", "@usermode", *_function(f"user{number}()", user)]
        start = [f"me().ci_curproc = p{number}", f"user{number}()"]
        if draw.random() < 0.4:
            start += ["me().ci_intr = 0"] if draw.random() < 0.3 else []
            start += self._piece(number)
        lines += ["", "", *_function(f"work{number}()", start)]
        return lines

    def _piece(self, number: int) -> list[str]:
        """A part of a system call."""
        draw = self._random
        other = draw.choice([one for one in range(self._cpus) if one != number])
        asks = [f"aston(p{other})"]
        sends = [f"send({other})"]
        pieces = (
            [*asks, *self._some(draw.randint(0, 1)), *sends],
            [*asks, *sends],
            asks,
            sends,
            ["if a > 0:", f"    {sends[0]}"],
            ["if a > 0:", f"    {sends[0]}", *asks, *self._some(1), *sends],
            [*sends, *self._some(1), *asks, *sends],
            ["mtx_enter(m)", *asks, "mtx_leave(m)", *sends],
            ["mtx_enter(m)", *self._some(1), "mtx_leave(m)"],
            [f"aston(p{number})"],
            self._some(1),
        )
        lines: list[str] = []
        for _ in range(draw.choice((1, 1, 2))):
            lines += draw.choice(pieces)
        return lines

    def _some(self, many: int) -> list[str]:
        draw = self._random
        lines: list[str] = []
        for _ in range(many):
            one, two = draw.choice("ab"), draw.choice("ab")
            lines += draw.choice(
                (
                    [f"{one} += 1"],
                    [f"{one} = {draw.randint(0, 2)}"],
                    [f"{one} = {two} * 2"],
                    [f"KASSERT({one} < {draw.randint(3, 5)})"],
                    ["me().seen += 1"],
                )
            )
        return lines


def _function(head: str, body: list[str], result: str = "None") -> list[str]:
    names = [one for one in "ab" if any(line.startswith(f"{one} ") for line in body)]
    lines = [f"def {head} -> {result}:"]
    if names:
        lines.append(f"    global {', '.join(names)}")
    return lines + [f"    {line}" for line in body or ["me().seen += 1"]]


def thrown(seed: int, folder: Path, cpus: int = 2) -> Machine:
    """A machine of so many CPUs, the same for the same seed."""
    works = [f"work{number}" for number in range(cpus)]
    return made(f"asking{seed}", _Dice(seed, cpus).text(), works, folder)
