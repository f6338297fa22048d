"""arch/amd64/userland.c -: user mode: the programs of a scenario.

A program is a list of actions. Each is a system call with its arguments; or ("compute", n), which
is 3 * n steps of user mode; or ("loop",), which goes back to the first. ("fork", actions), and
vfork and tfork alike, say what the child does; without actions it goes on like its parent.
("execve", name, pages, actions) goes on with other actions. What each call returned is logged in
pg_log. ("touch", page) uses a page of memory: by the TLB if that has it, whatever the page table
says meanwhile, else by the page table; its value in the log is 1 if the page table has the page
and 0 if only the TLB did. An AST is noticed when an interrupt brings it.
There is no such file upstream: this stands for the user's text, with the registers the trap frame
has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exittui.kernel.arch.amd64.cpu import curcpu
from exittui.kernel.arch.amd64.pmap_tlb import TLB_HAS
from exittui.kernel.sys.event import (
    EV_ADD,
    EV_CLEAR,
    EV_DELETE,
    EVFILT_PROC,
    EVFILT_SIGNAL,
)
from exittui.machine.lang import struct, usermode

if TYPE_CHECKING:
    from exittui.kernel.arch.amd64.trap import Xsyscall, Xtrap0e
    from exittui.kernel.kern.init_sysent import sysent_find
    from exittui.kernel.sys.proc import proc


class program(struct):
    """What a thread does in user mode: pg_ops as the scenario has it, and what it means.

    For action i the call is pg_callp[i], None for what is not a call, with the arguments
    pg_args[i], and pg_child[i] the program of the child it makes, if any. pg_log has (name, error,
    value, what was copied out) for every call that has returned. A program that watches but makes
    no kqueue has pg_kqueue: kqueue() is its first call, before any action.
    """

    pg_ops: tuple[Any, ...] = ()
    pg_callp: tuple[Any, ...] = ()
    pg_args: tuple[Any, ...] = ()
    pg_child: tuple[Any, ...] = ()
    pg_log: tuple[Any, ...] = ()
    pg_kqueue: Any = None


def user_program(ops: tuple[Any, ...]) -> program:
    """Make a program of a list of actions; it ends with exit(0) if it does not say otherwise."""
    prog = program(pg_ops=ops)
    n = 0
    while n < len(ops):
        user_action(prog, ops[n])
        n += 1
    user_action(prog, ("exit", 0))
    return prog


def user_action(prog: program, op: tuple[Any, ...]) -> None:
    """Add an action to a program.

    ("kevent_add", ident, fflags), or with a filter between, adds with EV_CLEAR,
    ("kevent_delete", ident) takes a process' knote away, and ("kevent_read", n) waits for an event:
    all are kevent() on the last kqueue of the process.
    """
    name = op[0]
    args = user_args(op)
    callp = None
    if name == "kevent_add":
        name = "kevent"
        filt = EVFILT_PROC
        if op[2] == "EVFILT_SIGNAL":
            filt = EVFILT_SIGNAL
        args = (-1, (op[1], filt, EV_ADD | EV_CLEAR, op[len(op) - 1]), 0, 0)
        prog.pg_kqueue = sysent_find("kqueue")
    elif name == "kevent_delete":
        name = "kevent"
        args = (-1, (op[1], EVFILT_PROC, EV_DELETE, 0), 0, 0)
    elif name == "kevent_read":
        name = "kevent"
        args = (-1, None, op[1], 1)
    if name == "loop":
        args = (-1,)
    elif name == "compute":
        args = (op[1] * 3 // 2,)
    elif name == "touch":
        args = (0, op[1])
    else:
        callp = sysent_find(name)
    child = None
    if (name == "fork" or name == "vfork" or name == "tfork") and len(args) > 0:
        child = user_program(args[0])
    elif name == "execve":
        child = user_program(args[2])
        args = (args[0], args[1], child)
    prog.pg_child = prog.pg_child + (child,)
    prog.pg_callp = prog.pg_callp + (callp,)
    prog.pg_args = prog.pg_args + (args,)


def user_args(op: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments in an action: all of it but the name."""
    args: tuple[Any, ...] = ()
    n = 1
    while n < len(op):
        args = args + (op[n],)
        n += 1
    return args


def user_child(p: proc) -> None:
    """Give a thread its own program, where it has begun with that of the thread that made it."""
    prog = p.p_program
    child = prog.pg_child[p.p_pc - 1]
    if child is not None:
        prog = child
        p.p_pc = 0
    p.p_program = program_copy(prog)


def program_copy(prog: program) -> program:
    """The same actions, with nothing logged."""
    copy = program(
        pg_ops=prog.pg_ops,
        pg_callp=prog.pg_callp,
        pg_args=prog.pg_args,
        pg_child=prog.pg_child,
        pg_kqueue=prog.pg_kqueue,
    )
    return copy


@usermode
def userland(p: proc) -> None:
    """User mode of a thread: action after action, for ever; only system calls end it."""
    curcpu().ci_intr = 1
    if p.p_begun is p.p_program:
        user_child(p)
    while True:
        prog = p.p_program
        if p.p_begun is not prog:
            p.p_begun = prog
            if prog.pg_kqueue is not None:
                Xsyscall(prog.pg_kqueue)
        pc = p.p_pc
        callp = prog.pg_callp[pc]
        p.p_md.md_regs.tf_args = prog.pg_args[pc]
        p.p_pc = pc + 1
        if callp is None:
            n = prog.pg_args[pc][0]
            if n < 0:
                p.p_pc = 0
            while n > 0:
                n -= 1
            if len(prog.pg_args[pc]) > 1:
                user_touch(prog, prog.pg_args[pc][1])
            continue
        p.p_md.md_regs.tf_out = None
        Xsyscall(callp)
        if p.p_pc != pc and p.p_program is prog:
            userland_log(prog, p, callp.sy_name)


@usermode
def user_touch(prog: program, page: int) -> None:
    """Use a page of memory. One that is nowhere is a page fault, and that is the end."""
    while not TLB_HAS(curcpu(), page):
        curcpu().ci_tlb = (
            curcpu().ci_cr3,
            curcpu().ci_tlb[1] | curcpu().ci_cr3.pm_pte & 1 << page,
        )
        if not TLB_HAS(curcpu(), page):
            Xtrap0e()
    prog.pg_log = prog.pg_log + (("touch", 0, curcpu().ci_cr3.pm_pte >> page & 1, page),)


@usermode
def userland_log(prog: program, p: proc, name: str) -> None:
    """Note what a call returned."""
    tf = p.p_md.md_regs
    prog.pg_log = prog.pg_log + ((name, tf.tf_err, tf.tf_rax, tf.tf_out),)
