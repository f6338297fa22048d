"""Why each hunk of a patch is there: what breaks in a kernel that is linked without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.checker.tasks import Task
from exittui.kernel.catalog import KERNELS
from exittui.scenario.library import find, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def explain(
    scenario: str,
    kernel: str,
    searched: Callable[[Sequence[Task]], list[dict[str, Any]]],
    **bounds: Any,
) -> list[dict[str, Any]]:
    """For each hunk: what breaks without it in this scenario, or else in another of the library.

    `breaks` has the findings that the whole kernel does not have in the same scenario under the
    same bounds; `searched` has how many scenarios were looked through.
    """
    hunks = [hunk.name for hunk in KERNELS[kernel].hunks]
    everywhere = [scenario, *(name for name in names() if name != scenario)]
    everywhere = [name for name in everywhere if kernel in find(name).kernels]
    left = list(hunks)
    known: dict[str, dict[str, Any]] = {}
    looked = 0
    for number, name in enumerate(everywhere, start=1):
        reports = searched(
            [
                Task(scenario=name, kernel=kernel, **bounds),
                *(Task(scenario=name, kernel=kernel, without=(hunk,), **bounds) for hunk in left),
            ]
        )
        if len(reports) <= len(left):
            break  # interrupted
        looked = number
        whole, *less = reports
        usual = {finding["property"] for finding in whole["findings"]}
        for hunk, data in zip(list(left), less, strict=True):
            breaks = [one for one in data["findings"] if one["property"] not in usual]
            if data.get("unlinked") or breaks:
                left.remove(hunk)
                known[hunk] = {
                    "hunk": hunk,
                    "scenario": name,
                    "unlinked": data.get("unlinked", ""),
                    "breaks": breaks,
                    "searched": number,
                }
        if not left:
            break
    nothing = {"scenario": "", "unlinked": "", "breaks": [], "searched": looked}
    return [known.get(hunk, {"hunk": hunk, **nothing}) for hunk in hunks]


def explained(one: dict[str, Any], kernel: str) -> Iterator[str]:
    """What is known of a hunk, for people."""
    if one["unlinked"]:
        yield f"{one['hunk']}: the kernel does not link without it: {one['unlinked']}"
    elif not one["breaks"]:
        yield (
            f"{one['hunk']}: no scenario of the library was seen to need it "
            f"({one['searched']} searched)"
        )
    else:
        first, *more = sorted(
            one["breaks"], key=lambda found: (found["preemptions"], found["steps"])
        )
        yield f"{one['hunk']}: in {one['scenario']}, {first['kind']}: {first['message']}"
        for sentence in first["story"]:
            yield f"   {sentence}"
        for other in more:
            yield f"   also {other['kind']}: {other['message']}"
        rules = " --no-rules" * (first["kind"] != "safety")
        yield (
            f"   exittui {one['scenario']} --kernel {kernel} --without {one['hunk']}{rules} "
            f"--schedule '{first['schedule']}'"
        )
