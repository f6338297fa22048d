"""`exittui record`: a played script as a cast, as pictures or as a page; no terminal needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.cli.arguments import record_parser
from exittui.cli.play import placed, player_of
from exittui.errors import ExitCode, UsageError
from exittui.export.asciicast import version2, version3
from exittui.export.page import page
from exittui.export.picture import svg
from exittui.playback.failure import ScriptFailed
from exittui.scenario.library import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exittui.export.shots import Film

_ENDINGS: Final = {".cast": "cast3", ".svg": "svg", ".html": "html", ".htm": "html"}


def command(words: Sequence[str]) -> int:
    """Play it and write the file."""
    arguments = record_parser().read(words)
    path, output = path_of(arguments.scenario), Path(arguments.output)
    form = arguments.format or _ENDINGS.get(output.suffix)
    if form is None:
        known = ", ".join(_ENDINGS)
        raise UsageError(f"{output.name!r} has no ending known: {known}; or give --format")
    from exittui.tui.filming import film  # noqa: PLC0415 - errors come first

    player = player_of(path, arguments.work)
    lesson = player.session.built.scenario.lesson
    about = lesson.teaches if lesson is not None else player.session.built.scenario.description
    try:
        filmed = film(player, about, arguments.width, arguments.height, arguments.speed)
    except ScriptFailed as failure:
        raise placed(failure, path) from None
    for file, text in written(filmed, form, output):
        try:
            file.write_text(text, encoding="utf-8", newline="\n")
        except (OSError, ValueError) as error:
            problem = getattr(error, "strerror", None) or "cannot be written"
            raise UsageError(f"{file}: {problem.lower()}") from None
        print(file)
    return ExitCode.OK


def written(film: Film, form: str, output: Path) -> Iterator[tuple[Path, str]]:
    """The files of one form, with what goes into each; pictures are numbered."""
    if form == "html":
        yield output, page(film)
    elif form == "svg":
        digits = len(str(len(film.shots)))
        for number, shot in enumerate(film.shots, start=1):
            yield output.with_stem(f"{output.stem}-{number:0{digits}}"), svg(film, shot)
    else:
        lines = version2(film) if form == "cast2" else version3(film)
        yield output, "".join(f"{line}\n" for line in lines)
