"""Linear mode: a session as lines of plain text, one after the other, for those who listen.

Nothing is drawn, moved or coloured. After every command come its lines and, if the machine has
moved, the sentence that says what happened; the prompt is the dialect's. An empty line repeats the
last command that repeats. Control-C ends a long move where it has come to, between two steps, and a
long move says now and then how far it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from exittui.errors import ExittuiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from exittui.session.commands import Order
    from exittui.session.outcome import Outcome
    from exittui.session.session import Session

    Ask = Callable[[str], str]
    Say = Callable[[str], None]
    Interrupts = Callable[[], AbstractContextManager[Callable[[], bool]]]

SPOKEN_PROGRESS: Final = 50_000
"""Steps after which a move says where it is."""

_WELCOME = "{title}, kernel {kernel}, {cpus}. help names the commands, quit leaves."


@contextmanager
def _never() -> Iterator[Callable[[], bool]]:
    yield lambda: False


class Linear:
    """Reads commands and says what they do, until somebody leaves.

    While a command is carried out, `interrupts` is entered; what it gives says whether somebody
    has asked to stop.
    """

    def __init__(
        self, session: Session, ask: Ask, say: Say, interrupts: Interrupts = _never
    ) -> None:
        self._session = session
        self._ask = ask
        self._say = say
        self._interrupts = interrupts
        self._last: str = ""

    def run(self) -> None:
        """From the first sentence to `quit` or the end of the input."""
        session = self._session
        cpus = "one CPU" if session.cpu_count == 1 else f"{session.cpu_count} CPUs"
        self._say(_WELCOME.format(title=session.title, kernel=session.kernel, cpus=cpus))
        self._say(session.views.sentence().text)
        while True:
            try:
                line = self._ask(session.prompt).strip() or self._last
            except EOFError:
                self._say("")
                return
            except KeyboardInterrupt:
                self._say("")
                continue
            if line and not self._carry_out(line):
                return

    def _carry_out(self, line: str) -> bool:
        """One line; whether to go on."""
        session = self._session
        before = (session.machine.position, session.branches.current)
        try:
            order = session.read(line)
            if order.command.name == "quit":
                return False
            self._last = line if order.command.repeats else ""
            outcome = self._do(order)
        except ExittuiError as error:
            for text in session.unsaid:
                self._say(text)
            self._say(error.message)
            return True
        for text in outcome.lines:
            self._say(text)
        if (session.machine.position, session.branches.current) != before:
            self._say(f"Step {session.machine.position}. {session.views.sentence().text}")
        return True

    def _do(self, order: Order) -> Outcome:
        doing, spoken = self._session.begin(order), 0
        with self._interrupts() as interrupted:
            while doing.advance():
                if interrupted():
                    doing.stop()
                elif (
                    doing.progress is not None and doing.progress.steps >= spoken + SPOKEN_PROGRESS
                ):
                    spoken = doing.progress.steps
                    self._say(f"At step {doing.progress.position}, and going on.")
        return doing.finish()


def with_readline(session: Session) -> None:
    """Edit lines and complete words with readline, where there is one."""
    try:
        import readline  # noqa: PLC0415 - only where somebody types
    except ImportError:
        return
    found: list[str] = []

    def completer(_: str, state: int) -> str | None:
        if state == 0:
            found[:] = session.complete(readline.get_line_buffer(), readline.get_endidx())
        return found[state] if state < len(found) else None

    readline.set_completer_delims(" ")
    readline.set_completer(completer)
    readline.parse_and_bind("tab: complete")
