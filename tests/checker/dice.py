"""Small machines at random: mutexes, interrupts and races, to compare searches on."""

from __future__ import annotations

import importlib.util
import random
from typing import TYPE_CHECKING

from exittui.machine import Machine, link

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = '''"""A machine made at random."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import (
    KASSERT, atomic_cas, cpus, interrupt, macro, spin, struct, this_cpu, variable
)


class cpu(struct):
    number: int = 0
    ci_intr: int = 1
    ci_ipl: int = 0
    seen: int = 0
'''

MUTEX = """

class mutex(struct):
    mtx_owner: cpu | None = None
    mtx_oldipl: int = 0


def mtx_enter(mtx: mutex) -> None:
    ci = me()
    s = ci.ci_ipl
    ci.ci_ipl = max(s, 1)
    while not atomic_cas(mtx, "mtx_owner", None, ci):
        spin()
    mtx.mtx_oldipl = s


def mtx_leave(mtx: mutex) -> None:
    s = mtx.mtx_oldipl
    mtx.mtx_owner = None
    me().ci_ipl = s
"""
"""A mutex, for a module in which there are cpu and me()."""

_SHARED = """
requests: int = variable(0)
a: int = variable(0)
b: int = variable(0)
c: int = variable(0)
m: mutex = variable(mutex)
n: mutex = variable(mutex)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


@macro
def deliverable(ci: cpu) -> bool:
    return bool(ci.ci_intr) and bool(requests >> ci.number & 1) and ci.ci_ipl < LEVEL
"""


class _Dice:
    """Writes the bodies of functions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - dice, not secrets
        self.level = self._random.choice((1, 2))
        self._pokes = self._random.random() < 0.75

    def text(self) -> str:
        handler = [
            "requests &= ~(1 << me().number)",
            *self._some(self._random.choice((0, 1, 1, 2)), handler=True),
            "me().ci_intr = 1",
        ]
        functions = [
            _HEAD + MUTEX + _SHARED.replace("LEVEL", str(self.level)),
            '@interrupt("ipi", when=deliverable, masks="ci_intr", armed="requests")',
            *_function("poke", handler),
        ]
        for number in range(2):
            functions += ["", "", *_function(f"work{number}", self._work())]
        return "\n".join(functions) + "\n"

    def _work(self) -> list[str]:
        lines: list[str] = []
        for _ in range(self._random.randint(2, 4)):
            lines += self._piece()
        return lines

    def _piece(self) -> list[str]:
        draw = self._random
        match draw.choice(("section", "section", "masked", "simple", "poke", "wait", "nested")):
            case "section":
                lock = draw.choice("mn")
                return [f"mtx_enter({lock})", *self._some(draw.randint(0, 2)), f"mtx_leave({lock})"]
            case "nested":
                one, two = draw.choice(("mn", "nm", "mn"))
                inner = [f"mtx_enter({two})", *self._some(1), f"mtx_leave({two})"]
                return [f"mtx_enter({one})", *inner, f"mtx_leave({one})"]
            case "masked":
                return ["me().ci_intr = 0", *self._some(draw.randint(0, 2)), "me().ci_intr = 1"]
            case "poke" if self._pokes:
                return [f"requests |= {draw.choice((1, 2))}"]
            case "wait" if draw.random() < 0.3:
                return [f"while {draw.choice('abc')} == 0:", "    spin()"]
            case _:
                return self._some(1)

    def _some(self, many: int, *, handler: bool = False) -> list[str]:
        draw = self._random
        lines: list[str] = []
        for _ in range(many):
            one, two = draw.choice("abc"), draw.choice("abc")
            lines += draw.choice(
                (
                    [f"{one} += 1"],
                    [f"{one} = {draw.randint(0, 2)}"],
                    [f"x: int = {one}", f"{two} = x + 1"] if not handler else [f"{one} = {two}"],
                    [f"if {one} > 1:", f"    {two} = 7"],
                    [f"KASSERT({one} < {draw.randint(3, 5)})"],
                    ["me().seen += 1"],
                    [f"{one} = cpus()[{draw.randint(0, 1)}].seen"],
                    [f"me().seen = {one}"],
                )
            )
        return lines


def _function(name: str, body: list[str]) -> list[str]:
    text = "\n".join(body)
    names = [one for one in ("requests", "a", "b", "c") if f"{one} " in text]
    head = [f"def {name}() -> None:"]
    if names:
        head.append(f"    global {', '.join(names)}")
    seen = False
    lines = []
    for line in body:
        lines.append(line.replace("x: int", "x") if seen else line)
        seen |= line.startswith("x: int")
    return head + [f"    {line}" for line in lines]


def thrown(seed: int, folder: Path, cpus: int = 2) -> Machine:
    """A machine of so many CPUs, the same for the same seed; a third does what the first does."""
    works = [f"work{number % 2}" for number in range(cpus)]
    return made(f"dice{seed}", _Dice(seed).text(), works, folder)


def made(name: str, text: str, works: list[str], folder: Path) -> Machine:
    """The machine of a module with this text, on each CPU one of these functions."""
    path = folder / f"{name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    machine = Machine(link(name, [module], cpu_struct=("cpu", "number")), len(works))
    for number, work in enumerate(works):
        machine.begin(number, work)
    machine.start()
    return machine
