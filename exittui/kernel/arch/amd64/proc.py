"""arch/amd64/include/proc.h 1.10 and frame.h 1.10: the machine's part of a thread.

Simplified: the trap frame holds what a system call takes and gives, by name instead of by register.
"""

from __future__ import annotations

from typing import Any

from exittui.machine.lang import embed, struct


class trapframe(struct):
    """The user's registers while the thread is in the kernel.

    tf_code names the system call, tf_args are its arguments. Going back, tf_rax and tf_rdx are
    the two return values, tf_err is the error number (0 for none), and tf_out is what the call has
    copied out to the program's memory.
    """

    tf_code: str = ""
    tf_args: tuple[Any, ...] = ()
    tf_rax: int = 0
    tf_rdx: int = 0
    tf_err: int = 0
    tf_out: Any = None


class mdproc(struct):
    """The machine's part of a thread."""

    md_regs: trapframe = embed(trapframe)
    md_astpending: int = 0
