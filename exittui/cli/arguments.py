"""The words of the command line: three small parsers, and errors of one clear line each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import exittui
from exittui.errors import UsageError, did_you_mean
from exittui.scenario.library import DEFAULT
from exittui.scenario.model import CHOOSERS, MAX_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = (
    "run",
    "list",
    "ledger",
    "diff",
    "compare",
    "reproduce",
    "check",
    "play",
    "record",
    "new",
    "validate",
    "schema",
)
THEMES: Final = ("dark", "light", "safe")
LAYOUTS: Final = ("overview", "code", "kernel", "time")
DIALECTS: Final = ("ddb", "gdb")
FORMATS: Final = ("text", "jsonl", "summary")
_OVERVIEW: Final = """\
exittui [SCENARIO] [options]      step through a scenario on the screen
exittui run SCENARIO [options]    run it without a screen
exittui check SCENARIO [options]  search all its schedules
exittui play LESSON               a lesson or a demo: captions, questions, goals
exittui record LESSON -o FILE     play it into a cast, pictures or a page
exittui new FILE                  a scenario to begin with
exittui validate FILE...          all that is wrong with scenario files
exittui schema                    a JSON schema for editors
exittui list                      name the scenarios, kernels and hunks
exittui ledger [FUNCTION|FILE]…   what is modelled, and what is simplified
exittui diff KERNEL KERNEL        the functions in which two kernels differ
exittui compare SCENARIO          kernels side by side in virtual time
exittui reproduce NAME            published figures beside those of the model"""
_MAX_SCHEDULE_BYTES: Final = 16 * 1024 * 1024


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageError` and knows what was meant."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(
            prog=name,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse all words; an unknown option is answered with the one it resembles."""
        known, rest = self.parse_known_args(words)
        if rest:
            options = [option for action in self._actions for option in action.option_strings]
            word = rest[0].partition("=")[0]
            hint = did_you_mean(word, options) if word.startswith("-") else ""
            self.error(f"unknown argument {word!r}{hint}")
        return known

    def error(self, message: str) -> NoReturn:
        """Replace argparse's exit; the usage line is one `--help` away."""
        raise UsageError(f"{message}; see '{self.prog} --help'")

    def add_run_options(self) -> None:
        """The options that say which run it is."""
        self.add_argument("--kernel", metavar="K", help="the kernel; see 'exittui list'")
        self.add_argument(
            "--without",
            metavar="HUNK",
            action="append",
            default=[],
            help="leave this hunk of the kernel's diff out; can be given more than once",
        )
        self.add_argument(
            "--rules",
            action="store_const",
            const=True,
            help="stop at a step that breaks a rule every kernel should keep, as most scenarios do",
        )
        self.add_argument(
            "--no-rules",
            dest="rules",
            action="store_const",
            const=False,
            help="go on there",
        )
        self.add_argument(
            "--schedule",
            metavar="S",
            type=_schedule,
            help="replay these choices, as '(0/1)x12/1x3'; @FILE reads them from a file",
        )
        self.add_argument(
            "--chooser", metavar="C", type=_one_of(CHOOSERS), help=f"one of {', '.join(CHOOSERS)}"
        )
        self.add_argument(
            "--seed", metavar="N", type=_number(0, 2**32 - 1), help="of the random chooser"
        )
        self.add_argument(
            "--sys",
            metavar="DIR",
            type=_folder,
            help="kernel sources: shows the real statement beside the model's",
        )


def screen_parser() -> Parser:
    """`exittui [SCENARIO]`."""
    parser = Parser("exittui", f"{exittui.__doc__}\n\n{_OVERVIEW}")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        default=DEFAULT,
        help="a name, a TOML file or a session file",
    )
    parser.add_run_options()
    parser.add_argument(
        "--theme", metavar="T", type=_one_of(THEMES), help=f"colours: {', '.join(THEMES)}"
    )
    parser.add_argument(
        "--layout", metavar="L", type=_one_of(LAYOUTS), help=f"panes: {', '.join(LAYOUTS)}"
    )
    parser.add_argument(
        "--dialect",
        metavar="D",
        type=_one_of(DIALECTS),
        help=f"of the commands: {', '.join(DIALECTS)}",
    )
    parser.add_argument(
        "--linear", action="store_true", help="lines of text instead of a screen, to be listened to"
    )
    return parser


def run_parser() -> Parser:
    """`exittui run SCENARIO`."""
    parser = Parser("exittui run", "Run a scenario to its end without a screen.")
    parser.add_argument("scenario", metavar="SCENARIO", help="a name or a TOML file")
    parser.add_run_options()
    parser.add_argument(
        "--max-steps",
        metavar="N",
        type=_number(1, MAX_STEPS),
        help="stop with the result 'limit' after so many steps",
    )
    parser.add_argument(
        "--format",
        metavar="F",
        type=_one_of(FORMATS),
        default="text",
        help=f"one of {', '.join(FORMATS)}",
    )
    parser.add_argument(
        "--commands",
        metavar="FILE",
        help="carry out the commands of a file, as one would type them; - is the input",
    )
    return parser


def check_parser() -> Parser:
    """`exittui check SCENARIO`."""
    parser = Parser("exittui check", "Search all schedules of a scenario.")
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", help="a name or a TOML file")
    parser.add_argument("--kernel", metavar="K", help="the kernel; see 'exittui list'")
    parser.add_argument("--all-kernels", action="store_true", help="one kernel after the other")
    parser.add_argument(
        "--without", metavar="HUNK", action="append", default=[], help="leave this hunk out"
    )
    parser.add_argument(
        "--property",
        metavar="P",
        action="append",
        default=[],
        help="safety, deadlock, liveness, expectation; or always, never, eventually EXPRESSION",
    )
    parser.add_argument(
        "--reachable", metavar="EXPRESSION", help="show a schedule that gets to where it holds"
    )
    many = 2**40
    parser.add_argument("--max-states", metavar="N", type=_number(1, many), help="stop after these")
    parser.add_argument("--max-depth", metavar="N", type=_number(1, many), help="steps of a run")
    parser.add_argument("--time", metavar="S", type=_number(1, 10**7), help="stop after S seconds")
    parser.add_argument(
        "--preemptions", metavar="N", type=_number(0, 99), help="schedules with at most N of them"
    )
    parser.add_argument(
        "--walks", metavar="N", type=_number(1, 10**9), help="N random walks, no search"
    )
    parser.add_argument("--seed", metavar="N", type=_number(0, 2**32 - 1), help="of the walks")
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_number(1, 1024),
        default=1,
        help="N at a time of the kernels, library searches or hunks; one search is never split",
    )
    parser.add_argument(
        "--executor",
        metavar="E",
        type=_one_of(("process", "dask")),
        default="process",
        help="who makes them: process, or dask on local workers (needs 'distributed')",
    )
    parser.add_argument(
        "--explain-hunks",
        action="store_true",
        help="what breaks without each hunk, in this scenario or another, and holds with it",
    )
    parser.add_argument(
        "--library", action="store_true", help="every scenario under every kernel, as a table"
    )
    parser.add_argument(
        "--breadth-first", action="store_true", help="shortest schedules first; slower"
    )
    parser.add_argument("--full", action="store_true", help="leave out the reduction")
    parser.add_argument(
        "--exact", action="store_true", help="compare whole states, not fingerprints"
    )
    parser.add_argument(
        "--format",
        metavar="F",
        type=_one_of(("text", "json")),
        default="text",
        help="text or json",
    )
    return parser


def play_parser() -> Parser:
    """`exittui play LESSON`."""
    parser = Parser(
        "exittui play",
        "Play the script of a scenario: space goes on, backspace goes back.\n"
        "Without a terminal it is run through and checked: 0 if all holds, 14 if not.\n"
        "Without a LESSON, the contents of the course, and what you have done of it.",
    )
    parser.add_argument(
        "scenario", metavar="LESSON", nargs="?", help="a name, part of a title, or a TOML file"
    )
    parser.add_argument(
        "--speed",
        metavar="X",
        type=_factor,
        default=1.0,
        help="how fast --auto goes: 2 is twice as fast",
    )
    parser.add_argument(
        "--chapter", metavar="N", type=_number(1, 99), help="begin with this chapter"
    )
    parser.add_argument("--auto", action="store_true", help="go on without the space bar")
    parser.add_argument("--check", action="store_true", help="run through: does all of it hold?")
    _add_work(parser)
    return parser


def _add_work(parser: Parser) -> None:
    """How much a script may do."""
    from exittui.playback.budget import MOST_WORK  # noqa: PLC0415 - nobody else needs all that

    parser.add_argument(
        "--work",
        metavar="N",
        type=_number(1, 100_000_000),
        default=MOST_WORK,
        help=f"how much work the script may make, in steps (default: {MOST_WORK})",
    )


def record_parser() -> Parser:
    """`exittui record LESSON -o FILE`."""
    parser = Parser(
        "exittui record", "Play a script into a file; the same script gives the same bytes."
    )
    parser.add_argument("scenario", metavar="LESSON", help="a name or a TOML file")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="what to write")
    parser.add_argument(
        "--format",
        metavar="F",
        type=_one_of(("cast2", "cast3", "svg", "html")),
        help="cast2 or cast3 for asciinema, svg for a picture a moment, or html; "
        "default: by the ending of FILE",
    )
    parser.add_argument("--speed", metavar="X", type=_factor, default=1.0, help="2: twice as fast")
    parser.add_argument("--width", metavar="N", type=_number(60, 240), default=120)
    parser.add_argument("--height", metavar="N", type=_number(16, 100), default=40)
    _add_work(parser)
    return parser


def new_parser() -> Parser:
    """`exittui new FILE`."""
    parser = Parser("exittui new", "Write a small scenario with a script, to be changed.")
    parser.add_argument("file", metavar="FILE", help="a TOML file that is not there yet")
    return parser


def validate_parser() -> Parser:
    """`exittui validate FILE...`."""
    parser = Parser("exittui validate", "Name all that is wrong with scenario files, by line.")
    parser.add_argument("files", metavar="FILE", nargs="+", help="a name or a TOML file")
    return parser


def schema_parser() -> Parser:
    """`exittui schema`."""
    return Parser("exittui schema", "Print a JSON schema of scenario files, for editors.")


def list_parser() -> Parser:
    """`exittui list`."""
    parser = Parser("exittui list", "Name the scenarios, kernels and hunks, one line each.")
    _add_text_or_json(parser)
    return parser


def ledger_parser() -> Parser:
    """`exittui ledger`."""
    parser = Parser(
        "exittui ledger",
        "For every modelled function: the upstream file and revision, the kernels it differs in,\n"
        "and what is simplified.",
    )
    parser.add_argument(
        "names", metavar="FUNCTION|FILE", nargs="*", help="only these, as exit1 or kern_exit.c"
    )
    parser.add_argument("--kernel", metavar="K", help="as this kernel has them")
    _add_text_or_json(parser)
    return parser


def diff_parser() -> Parser:
    """`exittui diff`."""
    parser = Parser("exittui diff", "Show the functions in which two kernels differ.")
    parser.add_argument("first", metavar="KERNEL", help="see 'exittui list'")
    parser.add_argument("second", metavar="KERNEL")
    parser.add_argument(
        "function", metavar="FUNCTION", nargs="?", help="only this one, and all of it"
    )
    parser.add_argument(
        "--width",
        metavar="N",
        type=_number(40, 1000),
        help="columns; side by side from 120 on, default: the terminal's",
    )
    _add_text_or_json(parser)
    return parser


def compare_parser() -> Parser:
    """`exittui compare`."""
    parser = Parser("exittui compare", "Run a scenario under several kernels in virtual time.")
    parser.add_argument("scenario", metavar="SCENARIO", help="a name or a TOML file")
    parser.add_argument(
        "--kernels", metavar="A,B[,C]", help="default: those that the scenario names"
    )
    parser.add_argument(
        "--format",
        metavar="F",
        type=_one_of(("text", "json", "csv")),
        default="text",
        help="text, json or csv",
    )
    parser.add_argument("--lanes", metavar="FILE", help="draw what each CPU did, as SVG")
    parser.add_argument("--trace", metavar="FILE", help="write a trace that Perfetto opens")
    parser.add_argument(
        "--screen",
        action="store_true",
        help="a debugger for each of two or three kernels, moved together",
    )
    parser.add_argument(
        "--schedule",
        metavar="S",
        type=_schedule,
        help="with --screen: the schedule all follow at first, or @FILE",
    )
    parser.add_argument(
        "--theme", metavar="T", type=_one_of(THEMES), help=f"with --screen: {', '.join(THEMES)}"
    )
    return parser


def reproduce_parser() -> Parser:
    """`exittui reproduce`."""
    parser = Parser(
        "exittui reproduce", "Published times of a build beside those that the model predicts."
    )
    parser.add_argument("name", metavar="NAME", help="mail-2025-05-02")
    parser.add_argument(
        "--processes",
        metavar="N",
        type=_number(50, 10_000),
        help="how many of the build's processes to run; the times are multiplied up",
    )
    parser.add_argument(
        "--no-sweep",
        dest="sweep",
        action="store_false",
        help="leave out how the prediction depends on each assumption",
    )
    parser.add_argument("--picture", metavar="FILE", help="draw the sweep, as SVG")
    parser.add_argument(
        "--format",
        metavar="F",
        type=_one_of(("text", "json", "csv")),
        default="text",
        help="text, json or csv",
    )
    return parser


def _add_text_or_json(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        metavar="F",
        type=_one_of(("text", "json")),
        default="text",
        help="text or json",
    )


class _Version(argparse.Action):
    """Look the version up only when asked for it: that costs as much as half of a start."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print it and leave."""
        from importlib.metadata import version  # noqa: PLC0415  # as said

        print(f"exittui {version('exittui')}")
        parser.exit()


def _number(low: int, high: int) -> Any:
    """A whole number of decimal digits between two others."""

    def convert(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(high))):
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number; {low} to {high}")
        number = int(text)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text} is out of range; {low} to {high}")
        return number

    return convert


def _factor(text: str) -> float:
    """How many times as fast, from a twentieth to a hundred times."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.05 <= number <= 100:  # noqa: PLR2004 - as it says
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no speed; 0.05 to 100")
    return number


def _one_of(words: Sequence[str]) -> Any:
    """One of a few words; another is answered with the one it resembles."""

    def convert(text: str) -> str:
        if text not in words:
            hint = did_you_mean(text, words)
            known = ", ".join(words)
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not known{hint}; known: {known}")
        return text

    return convert


def _folder(text: str) -> str:
    """The path of a folder; whether it is one, those who open it see."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return text


def _schedule(text: str) -> str:
    """The text of a schedule: the argument itself or what a file holds."""
    if not text.startswith("@"):
        return text
    try:
        with Path(text[1:]).open("rb") as stream:
            data = stream.read(_MAX_SCHEDULE_BYTES + 1)
        if len(data) > _MAX_SCHEDULE_BYTES:
            raise argparse.ArgumentTypeError(f"{text[1:]}: too large for a schedule")
        return data.decode("ascii").strip()
    except OSError as error:
        problem = (error.strerror or "cannot be read").lower()
        raise argparse.ArgumentTypeError(f"{text[1:]}: {problem}") from None
    except ValueError:  # not ASCII, or a null character in the name
        raise argparse.ArgumentTypeError(f"{text[1:]!r}: no file with a schedule") from None
