"""Every way an expression can be wrong, and the one message it is answered with."""

from __future__ import annotations

from typing import Final

import pytest

from exittui.errors import ExitCode, ExpressionError
from exittui.machine import Machine
from exittui.machine.linker import link
from exittui.scenario.expression import Names, compile  # noqa: A004 - as in re.compile
from exittui.scenario.expression.functions import FUNCTIONS
from tests.machine.machines import peterson
from tests.scenario.expression.conftest import world

VALUE: Final = "a name, a number, a text, NULL, true, false, '(', '!', '~' or '-'"
ON: Final = "a sign between two values, '.', '->', '[', or the end"
KNOWN: Final = (
    "a process (init, sh, worker), cpu0 to cpu1, a kernel variable, a constant, "
    "result, message, step"
)
ALL: Final = f"{', '.join(FUNCTIONS)}, process, thread"
SIGNS: Final = "names, numbers, 'texts', and the signs of C that do not write"

ERRORS: Final = [
    (
        "",
        "column 1: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "   ",
        "column 4: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "a" * 2001,
        "column 2001: 'a' is too far: the expression has 2001 characters"
        "; accepted: at most 2000",
    ),
    (
        "worker.0.p_stt == SDEAD",
        "column 10: 'p_stt' is no field of struct proc in kernel mpi-2025-05; did you "
        "mean 'p_stat'?",
    ),
    (
        "wroker",
        "column 1: 'wroker' is not known in kernel mpi-2025-05; did you mean 'worker'?"
        f"; accepted: {KNOWN}",
    ),
    (
        "worker.p_stat",
        "column 8: 'p_stat' is no field of struct process in kernel mpi-2025-05; there "
        "is one in struct kinfo_proc, proc",
    ),
    (
        "worker.3",
        "column 8: '3' is no thread of worker"
        "; accepted: worker.0 to worker.2",
    ),
    (
        "sh.1.p_stat",
        "column 4: '1' is no thread of sh"
        "; accepted: sh.0",
    ),
    (
        "allprocess.0",
        "column 12: '0' is no field of a list of processes"
        "; accepted: the name of a field; threads are numbered behind the name of a "
        "process",
    ),
    (
        "cpu0.0",
        "column 6: '0' is no field of a CPU"
        "; accepted: the name of a field; threads are numbered behind the name of a "
        "process",
    ),
    (
        "cpu2",
        "column 1: 'cpu2' is not known in kernel mpi-2025-05; did you mean 'cpu1'?"
        f"; accepted: {KNOWN}",
    ),
    (
        "cpu00",
        "column 1: 'cpu00' is not known in kernel mpi-2025-05; did you mean 'cpu0'?"
        f"; accepted: {KNOWN}",
    ),
    (
        "worker.0.p_stat = SDEAD",
        "column 17: '=' would write, and an expression only reads"
        "; accepted: == to compare",
    ),
    (
        "1 < 2 < 3",
        "column 7: '<' follows another comparison"
        "; accepted: one comparison; join two with &&",
    ),
    (
        "a ? b",
        "column 3: '?' does not belong into an expression"
        f"; accepted: {SIGNS}",
    ),
    (
        "'abc",
        "column 1: \"'\" opens a text that is not closed"
        "; accepted: ' at its end",
    ),
    (
        '"abc',
        "column 1: '\"' opens a text that is not closed"
        '; accepted: " at its end',
    ),
    (
        "'a\nb'",
        "column 1: \"'a\\nb'\" has characters that cannot be printed"
        "; accepted: text on one line",
    ),
    (
        "12abc",
        "column 1: '12abc' is no number"
        "; accepted: decimal as 12, or hexadecimal as 0x2000",
    ),
    (
        "010",
        "column 1: '010' is no number"
        "; accepted: decimal as 12, or hexadecimal as 0x2000",
    ),
    (
        "99999999999999999999",
        "column 1: '99999999999999999999' is too large"
        "; accepted: numbers of 64 bits",
    ),
    (
        "0x1ffffffffffffffffff",
        "column 1: '0x1ffffffffffffffffff' is too large"
        "; accepted: numbers of 64 bits",
    ),
    (
        "(" * 51 + "1" + ")" * 51,
        "column 51: '(' is nested too deep"
        "; accepted: at most 50 levels",
    ),
    (
        "!" * 51 + "1",
        "column 51: '!' is nested too deep"
        "; accepted: at most 50 levels",
    ),
    (
        "+".join("1" * 52),
        "column 100: '+' is nested too deep"
        "; accepted: at most 50 levels",
    ),
    (
        "(1",
        "column 3: the end comes where '(' of column 1 should be closed"
        "; accepted: ')' or a sign between two values",
    ),
    (
        "1)",
        "column 2: ')' closes nothing"
        f"; accepted: {ON}",
    ),
    (
        "len(1",
        "column 6: the end comes where '(' of column 4 should be closed"
        "; accepted: ')' or a sign between two values",
    ),
    (
        "len(",
        "column 5: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "len()",
        "column 1: 'len' takes 1 argument, not 0"
        "; accepted: len(list)",
    ),
    (
        "len(allprocess, 1)",
        "column 1: 'len' takes 1 argument, not 2"
        "; accepted: len(list)",
    ),
    (
        "len(worker)",
        "column 5: 'worker' is a process, where len(list) takes a list"
        "; accepted: len(list)",
    ),
    (
        "ln(allprocess)",
        "column 1: 'ln' is no function; did you mean 'len'?"
        f"; accepted: {ALL}",
    ),
    (
        "len",
        "column 1: 'len' is a function"
        "; accepted: len(list)",
    ),
    (
        "thread",
        "column 1: 'thread' is a function"
        "; accepted: thread(number)",
    ),
    (
        "worker.",
        "column 8: the end is no field"
        "; accepted: the name of a field, or the number of a thread",
    ),
    (
        "worker.'a'",
        "column 8: \"'a'\" is no field"
        "; accepted: the name of a field, or the number of a thread",
    ),
    (
        "worker.in",
        "column 8: 'in' is no field"
        "; accepted: the name of a field, or the number of a thread",
    ),
    (
        "1 == not 2",
        "column 6: 'not' comes where a value should stand; before a value in a "
        "comparison write '!'"
        f"; accepted: {VALUE}",
    ),
    (
        "1 2",
        "column 3: '2' cannot follow here"
        f"; accepted: {ON}",
    ),
    (
        "worker worker",
        "column 8: 'worker' cannot follow here"
        f"; accepted: {ON}",
    ),
    (
        "worker == worker.0",
        "column 8: '==' compares 'worker', a process, with 'worker.0', a thread"
        "; accepted: two of one kind, or a pointer and NULL",
    ),
    (
        "nthreads == NULL",
        "column 10: '==' compares 'nthreads', a number, with 'NULL', NULL"
        "; accepted: two of one kind",
    ),
    (
        "worker == 0",
        "column 8: '==' compares 'worker', a process, with '0', a number"
        "; accepted: two of one kind, or a pointer and NULL",
    ),
    (
        "allprocess == 1",
        "column 12: '==' compares 'allprocess', a list of processes, with '1', a number"
        "; accepted: len(list), or: element in list",
    ),
    (
        "!nthreads == 3",
        "column 11: '==' compares '!nthreads', true or false, with '3', a number"
        "; accepted: two of one kind; to deny a comparison write !(a == b)",
    ),
    (
        "result == 'panik'",
        "column 11: \"'panik'\" is never so; did you mean 'panic'?"
        "; accepted: deadlock, done, panic, violation",
    ),
    (
        "state(worker) == 'dead'",
        "column 18: \"'dead'\" is never so"
        "; accepted: alive, embryo, exiting, gone, stopped, zombie",
    ),
    (
        "nthreads == 'x'",
        "column 10: '==' compares 'nthreads', a number, with \"'x'\", a text"
        "; accepted: two of one kind",
    ),
    (
        "worker + 1",
        "column 1: 'worker' is a process, where a number should be"
        "; accepted: a number",
    ),
    (
        "-worker",
        "column 2: 'worker' is a process, where a number should be"
        "; accepted: a number",
    ),
    (
        "~'a'",
        "column 2: \"'a'\" is a text, where a number should be"
        "; accepted: a number",
    ),
    (
        "'a' < 'b'",
        "column 1: \"'a'\" is a text, where a number should be"
        "; accepted: a number",
    ),
    (
        "1 / 0",
        "column 5: '0' cannot stand there: nothing can be divided by it"
        "; accepted: another number",
    ),
    (
        "1 << 64",
        "column 6: '64' cannot stand there: a shift is by 0 to 63"
        "; accepted: another number",
    ),
    (
        "worker in worker.0",
        "column 11: 'worker.0' is a thread, and nothing is in it"
        "; accepted: a list, or flags as ps_flags",
    ),
    (
        "worker.0 in zombprocess",
        "column 1: 'worker.0' is a thread, and never in 'zombprocess', a list of "
        "processes"
        "; accepted: what the list is of",
    ),
    (
        "nthreads in allprocess",
        "column 1: 'nthreads' is a number, and never in 'allprocess', a list of processes"
        "; accepted: what the list is of",
    ),
    (
        "worker in worker.ps_flags",
        "column 1: 'worker' is a process, and no flag"
        "; accepted: a flag, as PS_EXITING",
    ),
    (
        "0 in worker.ps_flags",
        "column 1: '0' is no flag: it has no bits"
        "; accepted: a flag, as PS_EXITING",
    ),
    (
        "at(cpu0, exit1)",
        "column 10: 'exit1' is no name of a function"
        '; accepted: its name in quotes, as "exit1"',
    ),
    (
        "at(cpu0, 'exit3')",
        "column 10: \"'exit3'\" is no function of kernel mpi-2025-05; did you mean "
        "'exit1'?"
        "; accepted: a kernel function",
    ),
    (
        "at(worker, 'exit1')",
        "column 4: 'worker' is a process, where at(cpu or thread, function) takes a cpu "
        "or thread"
        "; accepted: at(cpu or thread, function)",
    ),
    (
        "sleeping(worker)",
        "column 10: 'worker' is a process, where sleeping(thread) takes a thread"
        "; accepted: a thread, as worker.0",
    ),
    (
        "status(worker.0)",
        "column 8: 'worker.0' is a thread, where status(process) takes a process"
        "; accepted: status(process)",
    ),
    (
        "owner(worker)",
        "column 7: 'worker' is a process, where owner(lock) takes a lock"
        "; accepted: owner(lock)",
    ),
    (
        "held(nthreads)",
        "column 6: 'nthreads' is a number, where held(lock) takes a lock"
        "; accepted: held(lock)",
    ),
    (
        "exists(1)",
        "column 8: '1' is a number, where exists(pointer) takes a pointer"
        "; accepted: exists(pointer)",
    ),
    (
        "process('wrkr')",
        "column 9: \"'wrkr'\" names no process; did you mean 'worker'?"
        "; accepted: init, sh, worker",
    ),
    (
        "process()",
        "column 1: 'process' takes 1 argument, not 0"
        "; accepted: process(number)",
    ),
    (
        "thread('worker')",
        "column 8: \"'worker'\" is no thread"
        "; accepted: its number, or worker.0 for a thread of worker",
    ),
    (
        "thread(worker)",
        "column 8: 'worker' is a process, where a number should be"
        "; accepted: a number",
    ),
    (
        "nthreads.p_stat",
        "column 10: 'p_stat' is asked of 'nthreads', which is a number and has no fields"
        "; accepted: fields behind a pointer",
    ),
    (
        "worker.0.p_wchan.p_stt",
        "column 18: 'p_stt' is no field of any struct in kernel mpi-2025-05; did you "
        "mean 'p_stat'?"
        "; accepted: a field of the struct it may point to",
    ),
    (
        "allprocess.lh_first",
        "column 12: 'lh_first' is asked of 'allprocess', which is a list of processes "
        "and has no fields"
        "; accepted: len(…), or: … in …",
    ),
    (
        "worker[0]",
        "column 7: '[' asks for an element of 'worker', which is a process"
        "; accepted: an array, as ci_schedstate.spc_qs",
    ),
    (
        "cpu0.ci_schedstate.spc_qs['a']",
        "column 27: \"'a'\" is a text, where a number should be"
        "; accepted: a number",
    ),
    (
        "cpu0.ci_schedstate.spc_qs[0",
        "column 28: the end comes where '[' of column 26 should be closed"
        "; accepted: ']' or a sign between two values",
    ),
    (
        "deadproc",
        "column 1: 'deadproc' is not known in kernel mpi-2025-05; did you mean 'allproc'?"
        f"; accepted: {KNOWN}",
    ),
    (
        "worker.ps_mainproc",
        "column 8: 'ps_mainproc' is no field of struct process in kernel mpi-2025-05",
    ),
    (
        "P_WEXITT",
        "column 1: 'P_WEXITT' is not known in kernel mpi-2025-05; did you mean 'P_WEXIT'?"
        f"; accepted: {KNOWN}",
    ),
    (
        "é == 1",
        "column 1: 'é' does not belong into an expression"
        f"; accepted: {SIGNS}",
    ),
    (
        "1 &&",
        "column 5: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "&& 1",
        "column 1: '&&' comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "NULL.p_stat",
        "column 6: 'p_stat' is asked of 'NULL', which is NULL and has no fields"
        "; accepted: fields behind a pointer",
    ),
    (
        "worker._oid",
        "column 8: '_oid' is no field of struct process in kernel mpi-2025-05; did you "
        "mean 'ps_pid'?",
    ),
    ("worker.0.label", "column 10: 'label' is no field of struct proc in kernel mpi-2025-05"),
    (
        "true + 1",
        "column 1: 'true' is true or false, where a number should be"
        "; accepted: a number",
    ),
    (
        "worker in NULL",
        "column 11: 'NULL' is NULL, and nothing is in it"
        "; accepted: a list, or flags as ps_flags",
    ),
    (
        "print('a')",
        "column 1: 'print' is no function"
        f"; accepted: {ALL}",
    ),
    (
        "__import__('os')",
        "column 1: '__import__' is no function"
        f"; accepted: {ALL}",
    ),
    (
        "worker.0.__class__",
        "column 10: '__class__' is no field of struct proc in kernel mpi-2025-05",
    ),
    (
        "and",
        "column 1: 'and' comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "1 and and 2",
        "column 7: 'and' comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "1 or",
        "column 5: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "not",
        "column 4: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "1 not 2",
        "column 3: 'not' cannot follow here"
        f"; accepted: {ON}",
    ),
    (
        "1 not in",
        "column 9: the end comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        ",",
        "column 1: ',' comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "f(,)",
        "column 3: ',' comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "len(allprocess,)",
        "column 16: ')' comes where a value should stand"
        f"; accepted: {VALUE}",
    ),
    (
        "{}",
        f"column 1: '{{' does not belong into an expression"
        f"; accepted: {SIGNS}",
    ),
    (
        "a;b",
        "column 2: ';' does not belong into an expression"
        f"; accepted: {SIGNS}",
    ),
    (
        "worker.0 .p_stat.x",
        "column 18: 'x' is asked of 'worker.0 .p_stat', which is a number and has no "
        "fields"
        "; accepted: fields behind a pointer",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[text[:30] for text, _ in ERRORS])
def test_one_message(text: str, message: str) -> None:
    """Where the message goes on with what comes closest of many, that is left out here."""
    _, names = world("mpi-2025-05")
    with pytest.raises(ExpressionError) as caught:
        compile(text, names)
    said = caught.value.message
    assert said == message or (said.startswith(f"{message}; accepted: ") and said.endswith(" more"))
    assert said.isprintable()
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.accepted


def test_the_parts_of_a_message() -> None:
    """An editor points at the column and offers what is accepted."""
    _, names = world("mpi-2025-05")
    with pytest.raises(ExpressionError) as caught:
        compile("worker.9.p_stat", names)
    error = caught.value
    assert (error.column, error.word) == (8, "9")
    assert (error.problem, error.accepted) == ("is no thread of worker", "worker.0 to worker.2")


def test_a_process_with_a_sign_in_its_name() -> None:
    built, _ = world("reaper")
    built.machine.goto(0)
    pids = {"init": 1, "my-daemon": 3000}
    names = Names(built.machine, pids=pids, threads={"my-daemon": 3}, kernel="reaper")
    with pytest.raises(ExpressionError, match=r"a process with a - in its name is written"):
        compile("my-daemon.0", names)
    assert compile('process("my-daemon").2.p_tid', names)(built.machine) == 3002


def test_a_machine_without_a_kernel() -> None:
    """Its variables are known, and nothing of OpenBSD."""
    machine = Machine(link("peterson", [peterson]), 2)
    names = Names(machine)
    assert compile("turn == 0 && left != right && left.wants == false", names).holds(machine)
    assert compile("result", names)(machine) == ""
    for text in ("cpu0", "nthreads", "SDEAD", "init"):
        with pytest.raises(ExpressionError, match=r"accepted: a kernel variable"):
            compile(text, names)
