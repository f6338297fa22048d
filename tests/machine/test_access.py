"""What a statement tells of the bits that it is about to look at."""

from __future__ import annotations

from typing import Any

import pytest

from exittui.machine.access import _watched


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("K['irr'] & 6", 6),
        ("K['irr'] >> 4 & 15", 0xF0),
        ("(K['irr'] >> 4 & 15) & 14", 0xE0),
        ("(K['irr'] >> 4 & 15) & (8 if few else 14)", 0x80),
    ],
)
def test_no_other_bits_are_told_than_make_up_the_value(text: str, bits: int) -> None:
    told: list[int] = []

    def some_bits(_: None, __: str, looked: int) -> int:
        told.append(looked)
        return value & looked

    for value in (0, 0x10, 0x5A, 0xA7, 0xFF):
        names: dict[str, Any] = {"K": {"irr": value}, "few": True, "M": some_bits}
        assert eval(_watched(text), names) == eval(text, names)  # noqa: S307 - code of this file
    assert set(told) == {bits}
