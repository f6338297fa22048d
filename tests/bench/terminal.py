"""A pseudo-terminal with a stopwatch: what a person at a terminal would wait for.

`Terminal` starts a program on a pseudo-terminal of a given size, keeps the screen it draws
(pyte), and measures two things: the time from exec to the first screen on which some text can be
seen, and the time from a key press to the last byte of the repaint that follows. The last byte is
known only once nothing more came for `quiet` seconds; the time reported is that of the byte, not of
the silence.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Terminal:
    """One program on one pseudo-terminal, until `close`."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        self.keep = False
        self.kept = bytearray()
        """What was received since `keep` was set."""
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("COLUMNS", "LINES"):  # they would speak of another terminal
            environment.pop(name, None)
        environment.update(environ or {})
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.started = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:  # pragma: no cover - the child is replaced
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(slave, descriptor)
            os.closerange(3, 256)
            os.execvpe(argv[0], list(argv), environment)  # noqa: S606 - that is what this is for
        os.close(slave)
        self._master = master
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, timeout: float) -> bytes:
        """The next bytes the program wrote, or nothing when there are none in time."""
        readable, _, _ = select.select([self._master], [], [], timeout)
        if not readable:
            return b""
        try:
            return os.read(self._master, 65536)
        except OSError:
            return b""

    def _burst(self, timeout: float, quiet: float = 0.02) -> list[tuple[float, bytes]]:
        """What comes in one go, piece by piece, with the moment of each.

        All of it is read before any is looked at: a program must not wait for our own screen.
        """
        pieces: list[tuple[float, bytes]] = []
        while data := self._read(quiet if pieces else timeout):
            pieces.append((time.perf_counter(), data))
        return pieces

    def _feed(self, data: bytes) -> None:
        self.received += len(data)
        if self.keep:
            self.kept += data
        # pyte does not know the private forms `CSI > … u`, `CSI ? … $p` and draws their tails.
        for private in (b"\x1b[>25u", b"\x1b[<u", b"\x1b[?2026$p", b"\x1b[?2048$p"):
            data = data.replace(private, b"")
        self._stream.feed(data)

    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def wait_for(
        self, seen: str | Callable[[str], bool], timeout: float = 20.0, *, whole: bool = False
    ) -> float:
        """Seconds from the start until `seen` can be read on the screen.

        `whole` waits for all that came in one go with it. It is the time of the byte that counts:
        what our own screen takes to draw it is not the program's.
        """
        test = (lambda text: seen in text) if isinstance(seen, str) else seen
        end = time.perf_counter() + timeout
        if test(self.text()):
            return time.perf_counter() - self.started
        while time.perf_counter() < end:
            found = None
            for moment, data in self._burst(0.05):
                self._feed(data)
                if (found is None and test(self.text())) or (found is not None and whole):
                    found = moment
            if found is not None:
                return found - self.started
        raise TimeoutError(f"{seen!r} was not seen in {timeout} s; the screen:\n{self.text()}")

    def settle(self, quiet: float = 0.15) -> None:
        """Read until nothing comes for `quiet` seconds."""
        while data := self._read(quiet):
            self._feed(data)

    def drain(self, seconds: float) -> None:
        """Read what comes in this time."""
        if data := self._read(seconds):
            self._feed(data)

    def send(self, keys: str) -> None:
        """Type `keys`."""
        os.write(self._master, keys.encode())

    def press(self, key: str, quiet: float = 0.08) -> float:
        """Seconds from the key press to the last byte of the repaint; nan if nothing was drawn."""
        begin = time.perf_counter()
        self.send(key)
        last = float("nan")
        chunks: list[bytes] = []
        while data := self._read(quiet if chunks else 1.0):
            last = time.perf_counter() - begin
            chunks.append(data)
        self._feed(b"".join(chunks))
        return last

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal as a window manager would."""
        self.screen.resize(lines, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def memory(self) -> float:
        """Resident memory of the program in MiB (nan where the system does not say)."""
        try:
            statm = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii")
            return int(statm.split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
        except OSError:
            return float("nan")

    def exit_code(self, timeout: float = 5.0) -> int | None:
        """The program's exit code once it has ended, or None if it has not."""
        end = time.perf_counter() + timeout
        while self.status is None and time.perf_counter() < end:
            if data := self._read(0.02):
                self._feed(data)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return None if self.status is None else os.waitstatus_to_exitcode(self.status)

    def close(self) -> None:
        """End the program if it still runs, and give the terminal back."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == 0:
                os.kill(self.pid, signal.SIGKILL)
                _, status = os.waitpid(self.pid, 0)
            self.status = status
        os.close(self._master)
