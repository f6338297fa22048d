"""sys/signal.h 1.30: signal numbers and actions."""

from __future__ import annotations

from typing import Final

NSIG: Final = 33

SIGHUP: Final = 1
SIGINT: Final = 2
SIGQUIT: Final = 3
SIGILL: Final = 4
SIGTRAP: Final = 5
SIGABRT: Final = 6
SIGEMT: Final = 7
SIGFPE: Final = 8
SIGKILL: Final = 9
SIGBUS: Final = 10
SIGSEGV: Final = 11
SIGSYS: Final = 12
SIGPIPE: Final = 13
SIGALRM: Final = 14
SIGTERM: Final = 15
SIGURG: Final = 16
SIGSTOP: Final = 17
SIGTSTP: Final = 18
SIGCONT: Final = 19
SIGCHLD: Final = 20
SIGTTIN: Final = 21
SIGTTOU: Final = 22
SIGIO: Final = 23
SIGXCPU: Final = 24
SIGXFSZ: Final = 25
SIGVTALRM: Final = 26
SIGPROF: Final = 27
SIGWINCH: Final = 28
SIGINFO: Final = 29
SIGUSR1: Final = 30
SIGUSR2: Final = 31
SIGTHR: Final = 32

SIG_DFL: Final = 0
SIG_IGN: Final = 1
SIG_CATCH: Final = 2
SIG_HOLD: Final = 3

SA_ONSTACK: Final = 0x0001
SA_RESTART: Final = 0x0002
SA_RESETHAND: Final = 0x0004
SA_NOCLDSTOP: Final = 0x0008
SA_NODEFER: Final = 0x0010
SA_NOCLDWAIT: Final = 0x0020
SA_SIGINFO: Final = 0x0040

SIG_BLOCK: Final = 1
SIG_UNBLOCK: Final = 2
SIG_SETMASK: Final = 3
