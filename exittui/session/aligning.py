"""Statements of the model beside those of the real function, aligned as two texts are compared.

The model's function and the real one tell the same story in the same order, with the same names:
what is called, which field is written, which flag is tested. So the two lists of statements are
aligned by a path through both that takes the pairs that share most:

* a pair is worth what its words say: those of both, weighted by how rare they are in the function,
  over those of either;
* the pairs of an alignment stand in the same order on both sides; several statements of the model
  may share one of the kernel's, for C writes `while ((p = …) == NULL)` in one;
* a pair below `ENOUGH` is none: to say that the tree has no such statement is better than to show
  a wrong one.

Words are compared after both languages are reduced to what they have in common: `x |= F` and
`atomic_setbits_int(&x, F)` both are the words x, F and `|=`. In assembly, offsets and flags have
the names of the fields, in capitals.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

ENOUGH: Final = 0.47
"""The least worth of a pair."""
_NEIGHBOUR: Final = 0.08
"""What a pair gains where the statements before it are a pair, too."""
_THE_SAME: Final = 0.85
"""The least worth of a pair out of order."""
_SHARED: Final = 0.3
"""What it costs to share the kernel's statement with the one before."""

_WORDS: Final = re.compile(
    r"""
    (?P<string> "(?:\\.|[^"\\])*" (?:\s*"(?:\\.|[^"\\])*")* )
  | (?P<name> [A-Za-z_]\w* )
  | (?P<number> 0x[0-9a-fA-F]+ | \d+ )
  | (?P<write> \|= | &=\s*~ | \+= | -= | \+\+ | -- | (?<![=!<>])=(?!=) )
    """,
    re.VERBOSE,
)
_OPERATORS: Final = ("|=", "&=~", "+=", "-=")
_WRITES: Final = {"++": "+=", "--": "-="}
_CALLED_WRITES: Final = {
    "atomic_setbits_int": "|=",
    "atomic_clearbits_int": "&=~",
    "SET": "|=",
    "CLR": "&=~",
    "atomic_inc_int": "+=",
    "atomic_dec_int": "-=",
    "atomic_inc_int_nv": "+=",
    "atomic_dec_int_nv": "-=",
    "rw_inc": "+=",
    "rw_dec": "-=",
    "cpuset_add": "|=",
    "cpuset_del": "&=~",
}
_NOISE: Final = frozenset(
    re.findall(
        r"\w+",
        "and or not is in struct const void int u_int unsigned long char static volatile sizeof "
        "False addr cast ISSET READ_ONCE SCARG uap tf_rax tf_out",
    )
)
_SAME: Final = {
    "None": "NULL",
    "True": "1",
    "elif": "if",
    "for": "while",
    "atomic_cas_uint": "atomic_cas",
    "atomic_cas_ulong": "atomic_cas",
    "rw_cas": "atomic_cas",
}
_IN_ASSEMBLY: Final = {
    "cli": "ci_intr",
    "sti": "ci_intr",
    "cr3": "ci_cr3",
    "set_curproc": "ci_curproc",
    "rsp": "rsp",
    "load_stack": "rsp",
    "stack_pointer": "rsp",
    "panic": "panic",
    "if": "if",
    "cmpq": "if",
    "cmpl": "if",
    "testl": "if",
    "testq": "if",
    "ret": "return",
    "return": "return",
}
"""What assembly calls what the model has as fields, and its own words that count."""
_KINDS: Final = ("if", "while", "return")


def align(
    model: Sequence[str], kernel: Sequence[str], *, assembly: bool = False
) -> list[int | None]:
    """For each statement of the model the number of the kernel's, in order; or None."""
    ours = [_words(_counted(text), assembly=assembly) for text in model]
    theirs = [_words(_counted(text), assembly=assembly) for text in kernel]
    rows = [[_worth(one, words) for words in theirs] for one in _weighted(ours, theirs)]
    found = _path(rows, len(kernel))
    left = set(range(len(kernel))) - set(found)
    return [
        _moved(row, left) if index is None else index
        for row, index in zip(rows, found, strict=True)
    ]


def _moved(row: Sequence[float], left: AbstractSet[int]) -> int | None:
    """What stands elsewhere, for C has jumps: only the very same will do."""
    best = max(left, key=lambda index: (row[index], -index), default=None)
    return best if best is not None and row[best] >= _THE_SAME else None


def _counted(text: str) -> str:
    """The text with all ways to add or take away one written alike."""
    text = re.sub(r"(\S+) = \((\1) ([-+]) 1\) & UINT_MAX", r"\1 \3= 1", text)
    return re.sub(r"([-+])= 1$", r"\1=", text)


def _words(text: str, *, assembly: bool) -> Counter[str]:
    """What a statement is about, in words that both languages have."""
    words: Counter[str] = Counter()
    for match in _WORDS.finditer(text):
        word = match[0]
        if match["string"]:
            quoted = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', word))
            word = quoted if re.fullmatch(r"[A-Za-z_]\w*", quoted) else f'"{quoted}'
        elif match["write"]:
            word = _WRITES.get(word, word.replace(" ", ""))
        if word in _CALLED_WRITES:
            word = _CALLED_WRITES[word]
        word = _SAME.get(word, word)
        if assembly:
            word = _in_assembly(word, text)
        if word and word not in _NOISE:
            words[word] += 1
    return words


def _in_assembly(word: str, text: str) -> str:
    """A word of a line of assembly, or of the model of one; nothing for a register or an order."""
    name = word.lower()
    if f"CPUVAR({word})" in text:
        return f"ci_{name}"
    if name in _IN_ASSEMBLY:
        return _IN_ASSEMBLY[name]
    return name if "_" in word or word.isupper() else ""


@frozen
class _Weighted:
    """A statement of the model: its words, what each is worth, and what kind it is of."""

    words: Counter[str]
    worth: Mapping[str, float]


def _weighted(ours: Iterable[Counter[str]], theirs: Sequence[Counter[str]]) -> Iterable[_Weighted]:
    """The model's statements, with words worth the more the fewer statements have them."""
    often = Counter(word for words in theirs for word in words)
    worth = {word: 1 / count**0.5 for word, count in often.items()}
    return [_Weighted(words, worth) for words in ours]


def _worth(ours: _Weighted, words: Counter[str]) -> float:
    """From 0 to 1: the words of both over those of either."""
    shared = ours.words & words
    if not shared:
        return 0.0
    worth = ours.worth
    both = sum(worth[word] * count for word, count in shared.items())
    mine = sum(worth.get(word, 0.5) * count for word, count in ours.words.items())
    their = sum(worth[word] * count for word, count in words.items())
    worth_of_both = 2 * both / (mine + their)
    return worth_of_both * _alike(_kind(ours.words), _kind(words)) * _agree(ours.words, words)


def _agree(ours: Counter[str], theirs: Counter[str]) -> float:
    """To set a flag and to clear it are opposites, however alike the rest is."""
    ours_writes, theirs_writes = (
        {word for word in _OPERATORS if word in words} for words in (ours, theirs)
    )
    opposite = ours_writes and theirs_writes and not ours_writes & theirs_writes
    return 0.5 if opposite else 1.0


def _kind(words: Counter[str]) -> str:
    for kind in _KINDS:
        if kind in words:
            return kind
    return "while" if any("FOREACH" in word for word in words) else ""


def _alike(ours: str, theirs: str) -> float:
    """A condition may hold the call or the write that is a statement of its own elsewhere."""
    if ours == theirs:
        return 1.0
    return 0.5 if "return" in (ours, theirs) else 0.85


def _path(worths: Sequence[Sequence[float]], width: int) -> list[int | None]:
    """The best alignment: `best` is what the first i and the first j statements are worth.

    `steps` says, for each pair, from where it was reached: the pair before on both sides, any
    place before, or the pair of the statement above with the same one of the kernel.
    """
    best = [[0.0] * (width + 1) for _ in range(len(worths) + 1)]
    paired = [[0.0] * (width + 1) for _ in range(len(worths) + 1)]
    steps: dict[tuple[int, int], str] = {}
    for i, row in enumerate(worths, 1):
        above, here, before, now = best[i - 1], best[i], paired[i - 1], paired[i]
        for j, worth in enumerate(row, 1):
            if worth >= ENOUGH:
                reached, steps[i, j] = max(
                    (above[j - 1], "any"),
                    (before[j - 1] + _NEIGHBOUR if before[j - 1] else 0.0, "next"),
                    (before[j] - _SHARED if before[j] else 0.0, "same"),
                    key=lambda way: way[0],
                )
                now[j] = worth + reached
            here[j] = max(above[j], here[j - 1], now[j])
    return _trace(best, paired, steps)


def _trace(
    best: Sequence[Sequence[float]],
    paired: Sequence[Sequence[float]],
    steps: Mapping[tuple[int, int], str],
) -> list[int | None]:
    """Walk the best alignment back from its end."""
    i, j = len(best) - 1, len(best[0]) - 1
    found: list[int | None] = [None] * i
    kept = False
    while i > 0 and j > 0:
        if kept or best[i][j] == paired[i][j] > 0:
            found[i - 1] = j - 1
            step = steps[i, j]
            kept = step != "any"
            i, j = i - 1, j if step == "same" else j - 1
        elif best[i][j] == best[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return found
