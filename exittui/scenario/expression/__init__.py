"""The expressions of scenarios: conditions, questions, watched values, properties.

An expression only reads. It is written as in C, or with `and`, `or`, `not`; `.` and `->` are the
same; how tightly the signs bind is said in `parser`.

    worker.0.p_stat == SDEAD && worker in zombprocess
    PS_EXITING in worker.ps_flags and not held(kernel_lock)
    cpu0->ci_curproc->p_p->ps_pid

What there is:

* numbers 12 and 0x2000, texts "exit1" or 'exit1', NULL, true, false;
* processes by name, `worker`, or `process(3000)`, `process("my-daemon")`; threads in the order of
  their making, `worker.0`, or `thread(3002)`; where a scenario has many copies of a process, these
  are `worker.1`, `worker.2`, and `worker.1.0` is a thread; CPUs, `cpu0`; variables of the kernel,
  `nthreads`, `kernel_lock`; flags, states and other constants of its headers, `P_WEXIT`, `SDEAD`;
* `result` ("", "panic", "violation", "deadlock" or "done"), `message` and `step` of the run;
* `in`: an element in a list, or in a number of flags, all bits of it;
* the functions of `functions`: len, exists, freed, owner, held, waiters, at, running, sleeping,
  wchan, status, state.

What is gone
------------
A search goes through states in which a pointer is NULL and a thread was freed. To look through it
at a field gives no value: it is *absent*, and so is all that is computed from it. A comparison
with it is neither true nor false, nor is `!` of that; `&&` is false if one side is false, `||`
true if one side is true. `exists(x)` and `freed(x)` are always true or false. A pointer to what
was freed is a value as any other, so `cpu0.ci_curproc == worker.0` still says what it says.

So a condition stops a run where it *holds*; an assertion fails where it does not hold; a property
that should always hold is broken only where it *fails*, not where there is nothing to ask about.

An expression is compiled once, for one scenario and kernel, and told then of every name and field
that does not exist there. Evaluating it raises nothing, changes nothing, and takes no more than
the time to walk the lists it names.
"""

from __future__ import annotations

from exittui.scenario.expression.evaluation import (
    Expression,
    Part,
    compile,  # noqa: A004 - as in re.compile
    touches,
)
from exittui.scenario.expression.looking import Absent
from exittui.scenario.expression.names import Names

__all__ = ["Absent", "Expression", "Names", "Part", "compile", "touches"]
