"""What a script cannot do where it is played: its file, line and cue are known."""

from __future__ import annotations

from exittui.errors import ExitCode, ExittuiError


class ScriptFailed(ExittuiError):  # noqa: N818 - as AssertionFailed
    """The first thing of a script that did not come true; `cue` is its number."""

    exit_code = ExitCode.UNMET

    def __init__(
        self, problem: str, *, cue: int, key: str = "", file: str = "", line: int = 0
    ) -> None:
        """Say where it stands, as far as that is known."""
        place = f"{file}:{line}: " if file else ""
        what = f"script[{cue}]{'.' if key else ''}{key}"
        super().__init__(f"{place}{what}: {problem}")
        self.problem = problem
        self.cue = cue
        self.key = key
