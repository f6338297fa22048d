"""A start without options is what the parser would have made of it."""

from __future__ import annotations

import pytest

from exittui.cli.arguments import screen_parser
from exittui.cli.plain import plain


@pytest.mark.parametrize("words", [[], ["kqueue-late"], ["here/there.toml"]])
def test_the_quick_way_reads_what_the_parser_reads(words: list[str]) -> None:
    quick = plain(words)
    assert quick is not None
    read = vars(screen_parser().read(words))
    assert {name: vars(quick).get(name) for name in read} == read


@pytest.mark.parametrize("words", [["--help"], ["a", "b"], [""], ["--", "a"], ["-x"]])
def test_what_is_not_plain_is_left_to_the_parser(words: list[str]) -> None:
    assert plain(words) is None
