"""Why each hunk of a patch is there: what breaks in a kernel that is linked without it.

Of each hunk alone, the cheap before the dear: does the kernel link without it; then single runs of
every scenario, one for each chooser; then searches, first of the scenarios in which most of the
functions that the hunk changes were executed. The first property that breaks without the hunk and
holds with it ends that. It holds if it is violated neither by the same runs with the hunk nor by a
search of the same scenario with MORE times as many states. Races need luck: what only a search has
met is not put down to the hunk if such a search of any scenario violates it with the hunk.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from exittui.checker.search import Outcome
from exittui.checker.tasks import Task, run
from exittui.checker.trial import Trial, trial
from exittui.errors import LinkError
from exittui.kernel.catalog import KERNELS, link_kernel
from exittui.scenario.library import find, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from exittui.machine import Image

STATES: Final = 60
"""States of each search if no bound is given."""

MOVES: Final = 60

_SAID_BY: Final = re.compile(r"^panic: \w+: ")

MORE: Final = 10
"""So many times the states are searched with the hunk of what breaks without it."""


@attrs.frozen(kw_only=True)
class Why:
    """One hunk of one kernel, where to begin, and the bounds of each search."""

    hunk: str
    scenario: str
    kernel: str
    states: int | None = STATES
    depth: int | None = None
    preemptions: int | None = None
    moves: int = MOVES
    cache: Path | None = None

    @property
    def title(self) -> str:
        """What is asked, in a few words."""
        return f"{self.kernel} without {self.hunk}"

    def answer(self, stop: Callable[[Outcome], str], say: Callable[[str], None]) -> dict[str, Any]:
        """What breaks without the hunk."""
        return explain(self, stop, say)

    def task(self, scenario: str, *, whole: bool = False) -> Task:
        """The search of one scenario without the hunk, or with it and MORE times the states."""
        return Task(
            scenario=scenario,
            kernel=self.kernel,
            without=() if whole else (self.hunk,),
            states=None if self.states is None else self.states * (MORE if whole else 1),
            depth=self.depth,
            preemptions=self.preemptions,
            moves=self.moves,
            simplify=not whole,
            cache=self.cache,
        )


def questions(scenario: str, kernel: str, **bounds: Any) -> list[Why]:
    """One for each hunk of a kernel."""
    return [
        Why(hunk=hunk.name, scenario=scenario, kernel=kernel, **bounds)
        for hunk in KERNELS[kernel].hunks
    ]


def explain(
    why: Why,
    stop: Callable[[Outcome], str] = lambda _: "",
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """What breaks without the hunk, as plain data.

    `breaks` has what breaks in `scenario`, the simplest first, and `held` how far it was looked for
    with the hunk; `ran` and `searched` say in how many scenarios single runs and searches were
    made, `touching` in how many the hunk's functions were executed, and `bound` what ended it
    early. `same` is set if the code of the kernel is the same without. `say` is told how far it is.
    """
    found: dict[str, Any] = {
        "hunk": why.hunk,
        "scenario": "",
        "unlinked": "",
        "same": False,
        "breaks": [],
        "held": "",
        "ran": 0,
        "searched": 0,
        "touching": 0,
        "bound": "",
        "interrupted": False,
    }
    try:
        _Explaining(why, found, stop, say).go()
    except LinkError as error:
        found["unlinked"] = error.message
    except KeyboardInterrupt:
        found["interrupted"], found["bound"] = True, "interrupted"
    return found


@attrs.frozen
class _Explaining:
    """One hunk under way."""

    why: Why
    found: dict[str, Any]
    stop: Callable[[Outcome], str]
    say: Callable[[str], None]

    def go(self) -> None:
        """Fill in what is found; raises LinkError and KeyboardInterrupt."""
        why, found = self.why, self.found
        whole = link_kernel(why.kernel, cache=why.cache)
        less = link_kernel(why.kernel, (why.hunk,), cache=why.cache)
        if whole.source == less.source:
            found["same"] = True
            return
        names = self._runs(_changed(whole, less))
        for number, name in enumerate(names):
            self.say(f"{why.title}: search of {name}, {number} of {len(names)} done")
            if self._breaks(name, ()):
                return
            if self._over():
                return
            found["searched"] += 1

    def _runs(self, changed: frozenset[str]) -> list[str]:
        """Run every scenario; in which order to search, and nothing if that is not needed."""
        why, found = self.why, self.found
        everywhere = _everywhere(why)
        order = []
        for number, name in enumerate(everywhere):
            if self._over():
                return []
            self.say(f"{why.title}: runs of {name}, {number} of {len(everywhere)} done")
            less = trial(name, why.kernel, (why.hunk,), why.cache)
            found["ran"] += 1
            touched = len(less.executed & changed)
            found["touching"] += bool(touched)
            order.append((name != why.scenario, -touched, less.steps, name))
            usual = _properties(_trial(name, why.kernel, why.cache).findings)
            fresh = tuple(one for one in less.findings if _same(one["property"]) not in usual)
            if fresh and self._breaks(name, fresh):
                return []
        return [name for *_, name in sorted(order)]

    def _over(self) -> bool:
        self.found["bound"] = self.stop(Outcome())
        return bool(self.found["bound"])

    def _breaks(self, name: str, seen: tuple[dict[str, Any], ...]) -> bool:
        """Whether something breaks in this scenario that holds with the hunk.

        `seen` was met by single runs. A search has a simpler schedule, which is told if there is.
        """
        why = self.why
        data = run(why.task(name), self.stop)
        usual = _properties(_trial(name, why.kernel, why.cache).findings)
        met = _properties(seen)
        fresh = {_same(one["property"]): one for one in (*seen, *data["findings"])}
        fresh = {key: one for key, one in fresh.items() if key not in usual}
        if fresh:
            self.say(f"{why.title}: {name} breaks; is that so with the hunk?")
            held = _searched(why.task(name, whole=True))
            fresh = {key: one for key, one in fresh.items() if key not in held.properties}
            if not held.complete and not fresh.keys() <= met:
                others = self._elsewhere(fresh.keys() - met)
                fresh = {key: one for key, one in fresh.items() if key not in others}
            if fresh:
                order = sorted(fresh.values(), key=lambda one: (one["preemptions"], one["steps"]))
                self.found.update(scenario=name, breaks=order, held=held.words, bound="")
                return True
        if data["interrupted"]:
            raise KeyboardInterrupt
        return False

    def _elsewhere(self, wanted: AbstractSet[str]) -> frozenset[str]:
        """Those of these properties that a search of some scenario violates with the hunk."""
        left = set(wanted)
        everywhere = sorted(_everywhere(self.why))
        for number, name in enumerate(everywhere):
            if not left:
                break
            self.say(f"{self.why.kernel}: search of {name}, {number} of {len(everywhere)} done")
            left -= _searched(self.why.task(name, whole=True)).properties
        return frozenset(wanted - left)


@attrs.frozen
class _Whole:
    """What a search with the hunk has violated, and how far it went."""

    properties: frozenset[str]
    complete: bool
    words: str


@cache
def _searched(task: Task) -> _Whole:
    """One worker asks once for all hunks."""
    data = run(task)
    if data["interrupted"]:
        raise KeyboardInterrupt
    words = "on all schedules" if data["complete"] else f"among {data['states']:,} states"
    return _Whole(_properties(data["findings"]), data["complete"], words)


@cache
def _trial(scenario: str, kernel: str, folder: Path | None) -> Trial:
    return trial(scenario, kernel, (), folder)


def _everywhere(why: Why) -> list[str]:
    """The scenarios of the kernel, that which was asked for first."""
    others = (name for name in names() if name != why.scenario)
    return [name for name in (why.scenario, *others) if why.kernel in find(name).kernels]


def _properties(findings: Iterable[dict[str, Any]]) -> frozenset[str]:
    return frozenset(_same(one["property"]) for one in findings)


def _same(name: str) -> str:
    """The name of a property less the function that says it: a hunk may word a panic anew."""
    return _SAID_BY.sub("panic: ", name)


def _changed(whole: Image, less: Image) -> frozenset[str]:
    """The functions that are not the same without the hunk."""
    one, two = _texts(whole), _texts(less)
    return frozenset(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


def _texts(image: Image) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for one in image.statements:
        texts.setdefault(one.function, []).append(one.text)
    return texts


# -- telling ---------------------------------------------------------------------------------------


def explained(one: dict[str, Any], kernel: str) -> Iterator[str]:
    """What is known of a hunk, for people."""
    hunk = one["hunk"]
    if not one["breaks"]:
        yield f"{hunk}: {_nothing(one)}"
        return
    first, *more = one["breaks"]
    yield f"{hunk}: in {one['scenario']}, {first['kind']}: {first['message']}"
    for sentence in first["story"]:
        yield f"   {sentence}"
    for other in more:
        yield f"   also {other['kind']}: {other['message']}"
    yield f"   With the hunk that is not so {one['held']}, nor in single runs."
    yield f"   {replay(one, kernel)}"


def table(found: Iterable[dict[str, Any]], kernel: str) -> Iterator[str]:
    """A Markdown table: for each hunk what breaks without it, and the command that shows it."""
    yield f"| without, from `{kernel}` | what breaks | how to see it |"
    yield "|---|---|---|"
    for one in found:
        if one["breaks"]:
            first = one["breaks"][0]
            message = first["message"].replace("|", "\\|")
            yield f"| {one['hunk']} | {first['kind']}: {message} | `{replay(one, kernel)}` |"
        else:
            yield f"| {one['hunk']} | {_nothing(one)} | |"


def _nothing(one: dict[str, Any]) -> str:
    if one["unlinked"]:
        return f"the kernel does not link without it: {one['unlinked']}"
    if one["same"]:
        return "it changes no code: the kernel has the same statements without it"
    seen = "no scenario of the library was seen to need it"
    if one["bound"]:
        seen = f"ended early ({one['bound']}), nothing seen to break so far"
    return (
        f"{seen}: {one['ran']} run, {one['touching']} of them through what it changes, "
        f"{one['searched']} searched"
    )


def replay(one: dict[str, Any], kernel: str) -> str:
    """The command that opens the debugger where it breaks, by the chooser if a run has found it."""
    first = one["breaks"][0]
    rules = " --no-rules" * (first["kind"] != "safety")
    choices = first.get("chooser", f" --schedule '{first['schedule']}'")
    hunk = f"'{one['hunk']}'" if "#" in one["hunk"] else one["hunk"]
    return f"exittui {one['scenario']} --kernel {kernel} --without {hunk}{rules}{choices}"
