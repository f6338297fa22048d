"""What a player has done so far, lesson by lesson, in a file that may be missing or damaged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, define, field

from exittui.playback.player import Score

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES: Final = 1 << 20
_MOST: Final = 1000


@define
class Progress:
    """The best score of each lesson, by the lesson's name."""

    scores: dict[str, Score] = field(factory=dict)

    @classmethod
    def read(cls, path: Path) -> Progress:
        """What a file holds, as far as it can be read; scores are not worth an error."""
        try:
            with path.open("rb") as stream:
                found = json.loads(stream.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return cls()
        scores = {}
        for name, one in [*found.items()][:_MOST] if isinstance(found, dict) else ():
            score = _score(one)
            if score is not None:
                scores[name] = score
        return cls(scores)

    def add(self, name: str, score: Score) -> str:
        """Take a score in if it is the best; a sentence on it."""
        old = self.scores.get(name)
        if old is None or _worth(score) >= _worth(old):
            self.scores[name] = score
        told = f"{score.right} of {score.asked} right" if score.asked else "no question answered"
        best = self.scores[name]
        more = f"; your best: {best.right} of {best.asked}" if best is not score else ""
        return f"{name}: {told}{', finished' if score.finished else ''}{more}"

    def write(self, path: Path) -> None:
        """Replace the file; where that cannot be, the scores are lost and nothing else."""
        text = json.dumps(
            {name: asdict(one) for name, one in sorted(self.scores.items())}, indent=1
        )
        new = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(text + "\n", encoding="utf-8")
            new.replace(path)
        except OSError:
            return


def _worth(score: Score) -> tuple[bool, int, int]:
    return score.finished, score.right + score.goals, -score.hints


def _score(value: Any) -> Score | None:
    """A score, if it is one."""
    if not isinstance(value, dict):
        return None
    known = {"right": int, "asked": int, "goals": int, "hints": int, "finished": bool}
    good = all(type(value.get(key)) is kind for key, kind in known.items())
    return Score(**{key: value[key] for key in known}) if good else None
