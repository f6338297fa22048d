"""The lines without a frame: the bar, the tabs, the sentence, and the keys at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.tui.lines import MORE, Line, Lines, Run, between, cells, clip, fit, on
from exittui.tui.looks import cpu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exittui.session.views import Sentence, StatusView

ENTER: Final = " ⏎ "
LEAVE: Final = " ✕ "
"""The buttons of the open prompt, for a mouse alone."""
RESULT: Final = {"done": "good", "panic": "alert", "violation": "alert", "deadlock": "alert"}


def bar(view: StatusView, width: int) -> Lines:
    """The first line: what runs, where in the run we stand, who goes next."""
    step: list[Run] = [("step ", "bar"), (str(view.position), "bar-strong")]
    if view.position < view.recorded:
        step.append((f" of {view.recorded} ◀ recorded", "bar"))
    right: list[Run] = []
    if view.result:
        right += [(f" {view.result} ", RESULT.get(view.result, "bar-strong")), (" ", "bar")]
    right += [(" next: ", "bar"), (f"cpu{view.focus}", cpu(view.focus) + "@bar"), (" ", "bar")]
    left: list[Run] = [(" exittui ", "bar-strong"), (" ", "bar")]
    kernel: list[Run] = [(" · ", "bar"), (view.kernel, "bar-strong"), (" · ", "bar"), *step]
    fixed = sum(cells(text) for text, _ in (*left, *kernel, *right))
    if (room := width - fixed - 1) > 8:  # noqa: PLR2004 - a title of a few letters says nothing
        left.append((clip(view.title, room), "bar"))
    else:
        kernel = kernel[1:]
    return (between([*left, *kernel], right, width, "bar"),)


def tabs(names: Sequence[str], current: str, width: int) -> Lines:
    """The panes one can turn to, the present one lit; as many around it as there is room for."""
    right: list[Run] = [("Tab turns ", "faint")]
    runs: list[Run] = [(" ", "text")]
    for name in shown_tabs(names, current, width - 1 - len(right[0][0])):
        look = "more" if name == MORE else "tab-on" if name == current else "tab"
        runs.append((f" {name} ", look))
    return (between(runs, right, width),)


def shown_tabs(names: Sequence[str], current: str, room: int) -> list[str]:
    """The tabs around the present one for which there is room, and `…` where there are more."""
    first = last = names.index(current) if current in names else 0
    used = len(names[first]) + 2 + 6
    while True:
        grown = False
        if last + 1 < len(names) and used + len(names[last + 1]) + 2 <= room:
            last += 1
            used += len(names[last]) + 2
            grown = True
        if first > 0 and used + len(names[first - 1]) + 2 <= room:
            first -= 1
            used += len(names[first]) + 2
            grown = True
        if not grown:
            break
    before = [MORE] if first else []
    after = [MORE] if last + 1 < len(names) else []
    return [*before, *names[first : last + 1], *after]


def sentence(view: Sentence, width: int, height: int = 1) -> Lines:
    """What just happened, in words, broken into at most `height` lines between words."""
    look = {"alert": "danger", "waits": "waits"}.get(view.tone, "text")
    words: list[Run] = []
    for text, kind in view.parts:
        for number, word in enumerate(text.split(" ")):
            if number:
                words.append((" ", look))
            if word:
                words.append((word, kind or look))
    rows: list[list[Run]] = [[(" ", "text")]]
    used = 1
    for run in words:
        size = cells(run[0])
        if used + size > width - 1 and len(rows) < height and run[0] != " ":
            rows.append([(" ", "text")])
            used = 1
        rows[-1].append(run)
        used += size
    lines = [fit(row, width) for row in rows]
    return tuple(lines + [fit([], width)] * (height - len(lines)))


def keys(hints: Sequence[tuple[str, str]], width: int) -> Lines:
    """The keys that matter: as many as there is room for, the last three always."""
    line: list[Run] = [(" ", "text")]
    used = 1
    pad = " " if width >= 100 else ""  # noqa: PLR2004 - narrow screens do without the air
    last = hints[-3:]
    reserved = sum(cells(f"{pad}{key}{pad} {what}  ") for key, what in last)
    for key, what in hints:
        size = cells(f"{pad}{key}{pad} {what}  ")
        reserved -= size if (key, what) in last else 0
        if used + size > width - reserved:
            continue
        line += [(f"{pad}{key}{pad}", "key"), (f" {what}  ", "quiet")]
        used += size
    return (fit(line, width),)


def key_at(line: Line, x: int) -> str | None:
    """The key under a column of the line of keys: its own letters, or those before its word."""
    at, key = 0, ""
    for text, look in line:
        end = at + cells(text)
        if look == "key":
            key = text.strip()
        if at <= x < end and key:
            if look != "key" or not key.isupper() or len(key) == 1:
                return key
            letter = text[x - at].strip()
            return letter or None
        at = end
    return None


def prompt(
    head_text: str,
    cpu_number: int,
    text: str,
    cursor: int | None,
    width: int,
    *,
    error: str = "",
    note: str = "",
    offers: Sequence[str] = (),
) -> Lines:
    """The prompt line: what is being typed, or the error it gave, or a note.

    `offers` are what the word being typed could become.
    """
    before_digit, digit, after_digit = head_text.partition(str(cpu_number))
    head: Line = ((f" {before_digit}", "prompt"),)
    if digit:
        head = (*head, (digit, cpu(cpu_number)), (after_digit, "prompt"))
    room = width - sum(cells(part) for part, _ in head) - 1
    if cursor is None:
        if error:
            return (fit([*head, (clip(error, room), "error")], width),)
        return (fit([*head, (clip(note, room), "faint")], width),)
    room -= cells(ENTER + LEAVE)
    start = max(0, cursor - room + 1)
    before, at, after = text[start:cursor], text[cursor : cursor + 1] or " ", text[cursor + 1 :]
    line: list[Run] = [*head, (before, "strong"), (at, "cursor"), (after, "strong")]
    for offer in offers:
        line += [("  ", "text"), (offer, "offer")]
    buttons: list[Run] = [(ENTER, "key"), (LEAVE, "tab")]
    return (between(on([run for run in line if run[0]], ""), buttons, width),)


def offer_at(line: Line, x: int) -> str:
    """What is under a column of the prompt line: an offered word, a button, or nothing."""
    at = 0
    for text, look in line:
        end = at + cells(text)
        if at <= x < end:
            offered = look in {"offer", "key", "tab"} and not text.endswith(MORE)
            return text if offered else ""
        at = end
    return ""
