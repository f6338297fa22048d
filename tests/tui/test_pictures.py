"""Pictures of the screen at fixed sizes are what the program draws now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.drawing import DRAWINGS, draw

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.drawing import Drawing


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.path.stem)
def test_the_picture_is_what_is_drawn_now(drawing: Drawing, kernels: Path, tmp_path: Path) -> None:
    drawn = draw(drawing, kernels)
    if drawn != drawing.path.read_text(encoding="utf-8"):
        changed = tmp_path / drawing.path.name
        changed.write_text(drawn, encoding="utf-8")
        pytest.fail(f"{drawing.path} is not {changed}; python -m tests.tui.drawing draws anew")
