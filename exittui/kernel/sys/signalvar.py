"""sys/signalvar.h 1.58: signal state of a process and the properties of signals.

Simplified: a handler is only known as caught or not: `ps_sigact` is held as the three masks
`ps_sigignore`, `ps_sigcatch` and neither, which the kernel keeps besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exittui.kernel.sys.signal import (
    SIGCONT,
    SIGKILL,
    SIGSTOP,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
)
from exittui.machine.lang import macro, struct

if TYPE_CHECKING:
    from exittui.kernel.sys.proc import proc

SA_KILL: Final = 0x01
SA_CORE: Final = 0x02
SA_STOP: Final = 0x04
SA_TTYSTOP: Final = 0x08
SA_IGNORE: Final = 0x10
SA_CONT: Final = 0x20

SAS_NOCLDSTOP: Final = 0x01
SAS_NOCLDWAIT: Final = 0x02

# Kinds of ptsignal().
STHREAD: Final = 0
SPROCESS: Final = 1


class sigacts(struct):
    """What a process does on each signal. [m] the process' ps_mtx."""

    ps_sigonstack: int = 0
    ps_sigintr: int = 0
    ps_sigreset: int = 0
    ps_siginfo: int = 0
    ps_sigignore: int = 0
    ps_sigcatch: int = 0
    ps_sigflags: int = 0  # [a] SAS_* flags


class sigctx(struct):
    """The disposition of one signal, as `cursig()` found it for `postsig()`."""

    sig_action: int = 0
    sig_catchmask: int = 0
    sig_reset: bool = False
    sig_info: bool = False
    sig_intr: bool = False
    sig_onstack: bool = False
    sig_ignore: bool = False
    sig_catch: bool = False
    sig_stop: bool = False


@macro
def sigmask(n: int) -> int:
    """The bit of signal `n`."""
    return 1 << (n - 1)


@macro
def SIGPENDING(p: proc) -> int:
    """Signals that are pending for thread `p` or its process and not blocked."""
    return (p.p_siglist | p.p_p.ps_siglist) & ~p.p_sigmask


CONTSIGMASK: Final = 1 << (SIGCONT - 1)
STOPSIGMASK: Final = (
    1 << (SIGSTOP - 1) | 1 << (SIGTSTP - 1) | 1 << (SIGTTIN - 1) | 1 << (SIGTTOU - 1)
)
sigcantmask: Final = 1 << (SIGKILL - 1) | 1 << (SIGSTOP - 1)
