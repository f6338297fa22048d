"""Who is charged for which time: each thread's, until the kernel moves it somewhere or loses it.

The kernel keeps a thread's time in its tusage (`p_tu`), adds it to that of the process when
tuagg_add_process() says so (`ps_tu`), and turns that into the rusage that wait4() reports
(`ps_ru`) when exit1() calls calcru(). What is spent after the last of these is in no account.
Here all of it is followed in virtual time, by nanoseconds instead of by ticks.
"""

from __future__ import annotations

from typing import Final

import attrs

CHARGED: Final = ("ru", "tu", "nobody", "kernel threads", "alive")
"""Where a thread's time can end up.

In the usage that wait4() reports; in that of the process, but too late to be reported; in that of
a thread which was freed with it; with a kernel thread; or, at the end, with a thread that lives.
"""


@attrs.define
class Time:
    """Time by what the CPU did meanwhile, in nanoseconds."""

    user: int = 0
    system: int = 0
    spin: int = 0

    def add(self, other: Time) -> None:
        """Put the time of another account in here as well."""
        self.user += other.user
        self.system += other.system
        self.spin += other.spin

    @property
    def total(self) -> int:
        """All of it."""
        return self.user + self.system + self.spin


class Accounts:
    """All time that threads have run, by where the kernel has put it."""

    def __init__(self) -> None:
        self.charged = {name: Time() for name in CHARGED}
        self._threads: dict[int, Time] = {}
        self._processes: dict[int, Time] = {}

    def ran(self, thread: int, time: Time) -> None:
        """A thread has run for so long."""
        self._threads.setdefault(thread, Time()).add(time)

    def aggregated(self, process: int, thread: int) -> None:
        """tuagg_add_process(): what the thread ran is the process' now."""
        self._processes.setdefault(process, Time()).add(self._threads.pop(thread, Time()))

    def reported(self, process: int) -> None:
        """calcru(): what the process has is what wait4() will report."""
        self.charged["ru"].add(self._processes.pop(process, Time()))

    def thread_freed(self, thread: int) -> None:
        """Whatever the thread has not handed on is lost."""
        self.charged["nobody"].add(self._threads.pop(thread, Time()))

    def process_freed(self, process: int) -> None:
        """What came too late to be reported stays in an account that is freed."""
        self.charged["tu"].add(self._processes.pop(process, Time()))

    def close(self, kernel_threads: set[int]) -> None:
        """The end: what is left belongs to threads that live."""
        for thread, time in self._threads.items():
            name = "kernel threads" if thread in kernel_threads else "alive"
            self.charged[name].add(time)
        for time in self._processes.values():
            self.charged["alive"].add(time)
        self._threads.clear()
        self._processes.clear()
