"""Lines are exactly as wide as they have to be, and nothing is cut without a sign."""

from __future__ import annotations

import pytest

from exittui.tui.lines import MORE, between, cells, clip, fit, length, plain

LEFT = [("cpu0 ", "strong"), ("worker.3002", "text")]
RIGHT = [(" int on", "quiet")]


@pytest.mark.parametrize("width", range(1, 40))
def test_a_line_is_as_wide_as_its_place(width: int) -> None:
    assert length(fit(LEFT, width)) == width
    assert length(between(LEFT, RIGHT, width)) == width


def test_the_right_stays_as_long_as_the_left_has_a_third() -> None:
    assert plain([between(LEFT, RIGHT, 30)]) == "cpu0 worker.3002        int on"
    assert plain([between(LEFT, RIGHT, 18)]) == "cpu0 worke… int on"
    assert plain([between(LEFT, RIGHT, 9)]) == "cpu0 wor…"


def test_a_short_left_leaves_the_right_all_it_needs() -> None:
    assert plain([between([("no", "text")], [("AST resched IPI", "text")], 18)]).endswith("IPI")


@pytest.mark.parametrize("text", ["abc", "♥♥♥", "日本語", "e\u0301e\u0301e\u0301"])
@pytest.mark.parametrize("width", range(8))
def test_what_is_cut_has_its_sign(text: str, width: int) -> None:
    cut = clip(text, width)
    assert cells(cut) <= width
    assert cut == text or not width or cut.endswith(MORE)
