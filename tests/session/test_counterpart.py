"""The statement of the real kernel beside that of the model. The C was written for these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exittui.kernel.catalog import link_kernel
from exittui.session.aligning import align
from exittui.session.counterpart import Counterparts

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.machine import Image


def pairs(model: str, kernel: str, *, assembly: bool = False) -> list[str | None]:
    """What stands beside each line of the model."""
    theirs = kernel.strip().splitlines()
    found = align(model.strip().splitlines(), theirs, assembly=assembly)
    return [None if index is None else theirs[index] for index in found]


def test_both_ways_to_write_the_same_are_the_same() -> None:
    model = """\
p.p_flag |= P_WEXIT
pr.ps_flags &= ~PS_PPWAIT
pr.ps_threadcnt -= 1
pr.ps_suspendcnt = (pr.ps_suspendcnt - 1) & UINT_MAX
if pr.ps_single is not None or pr.ps_flags & PS_STOPPING:
LIST_REMOVE(p, "p_hash")
sleep_setup(addr(pr, "ps_suspendcnt"), PWAIT, "suspend")
q.p_stat = SSTOP
p.p_fd = None"""
    kernel = """\
atomic_setbits_int(&p->p_flag, P_WEXIT)
CLR(pr->ps_flags, PS_PPWAIT)
pr->ps_threadcnt--
--pr->ps_suspendcnt
if (pr->ps_single != NULL || ISSET(pr->ps_flags, PS_STOPPING))
LIST_REMOVE(p, p_hash)
sleep_setup(&pr->ps_suspendcnt, PWAIT, "suspend")
q->p_stat = SSTOP
p->p_fd = NULL"""
    assert pairs(model, kernel) == kernel.splitlines()


def test_what_the_model_leaves_out_and_what_it_adds() -> None:
    model = "mtx_enter(pr.ps_mtx)\nstart_of_mine = 7\nwakeup(pr)\nmtx_leave(pr.ps_mtx)"
    kernel = "WITNESS(x)\nmtx_enter(&pr->ps_mtx)\nktrace(pr)\nwakeup(pr)\nmtx_leave(&pr->ps_mtx)"
    assert pairs(model, kernel) == [
        "mtx_enter(&pr->ps_mtx)",
        None,
        "wakeup(pr)",
        "mtx_leave(&pr->ps_mtx)",
    ]


def test_the_same_words_are_told_apart_by_their_order() -> None:
    text = "lock(a)\nuse(a)\nunlock(a)\nlock(a)\nfree(a)\nunlock(a)"
    found = align(text.splitlines(), text.replace("use(a)", "use(a)\ntell(a)").splitlines())
    assert found == [0, 1, 3, 4, 5, 6]


def test_several_statements_may_be_one_in_c() -> None:
    kernel = "while ((p = LIST_FIRST(&deadproc)) == NULL)\nmsleep(&deadproc)"
    first, second = kernel.splitlines()
    model = "p = LIST_FIRST(deadproc)\nwhile p is None:\nmsleep(deadproc)"
    assert pairs(model, kernel) == [first, first, second]


def test_to_set_a_flag_is_not_to_clear_it() -> None:
    kernel = "atomic_clearbits_int(&p->p_siglist, mask)"
    assert pairs("p.p_siglist |= mask", kernel) == [None]
    assert pairs("p.p_siglist &= ~mask", kernel) == [kernel]


def test_what_c_jumps_to_stands_elsewhere() -> None:
    model = "if pr is None:\nKERNEL_UNLOCK()\nreturn ESRCH\nuse(pr)"
    kernel = "if (pr == NULL)\ngoto fail\nuse(pr)\nKERNEL_UNLOCK()\nreturn (ESRCH)"
    assert pairs(model, kernel) == [
        "if (pr == NULL)",
        "KERNEL_UNLOCK()",
        "return (ESRCH)",
        "use(pr)",
    ]


def test_assembly_has_the_fields_in_capitals() -> None:
    model = """\
curcpu().ci_intr = 0
load_stack(pcb.pcb_rsp)
if curcpu().ci_proc_pmap is not oldpmap:
curcpu().ci_proc_pmap = newpmap
curcpu().ci_cr3 = pcb.pcb_cr3
return old"""
    kernel = """\
movq %rsi, %r13
cli
movq PCB_RSP(%r13),%rsp
cmpq %rcx,CPUVAR(PROC_PMAP)
movq %rbx,CPUVAR(PROC_PMAP)
movq %rax,%cr3
ret"""
    assert pairs(model, kernel, assembly=True) == kernel.splitlines()[1:]


@pytest.mark.parametrize(("model", "kernel"), [("", "x = 1"), ("x = 1", ""), ("", "")])
def test_nothing_beside_nothing(model: str, kernel: str) -> None:
    found = align(model.splitlines(), kernel.splitlines())
    assert found == [None] * len(model.splitlines())


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The kernel before the diff."""
    return link_kernel("reaper", cache=tmp_path_factory.mktemp("cache"))


EXIT = """\
/*\t$OpenBSD: kern_exit.c,v 1.1 2025/01/01 00:00:00 someone Exp $\t*/
void
exit2(struct proc *p)
{
\t/* ours */
\tmtx_enter(&deadproc_mutex);
\tLIST_INSERT_HEAD(&deadproc, p, p_hash);
\tmtx_leave(&deadproc_mutex);
\twakeup(&deadproc);
}
"""


def test_a_tree_beside_a_kernel(image: Image, tmp_path: Path) -> None:
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "kern_exit.c").write_text(EXIT)
    beside = Counterparts(tmp_path, image)
    told = [beside.of(one) for one in image.statements if one.function == "exit2"]
    assert [one and (one.place, one.text) for one in told] == [
        ("", "exit2() in kern/kern_exit.c 1.1 has no statement like this"),
        ("", "exit2() in kern/kern_exit.c 1.1 has no statement like this"),
        ("", "exit2() in kern/kern_exit.c 1.1 has no statement like this"),
        ("kern/kern_exit.c:6", "mtx_enter(&deadproc_mutex);"),
        ("kern/kern_exit.c:7", "LIST_INSERT_HEAD(&deadproc, p, p_hash);"),
        ("kern/kern_exit.c:8", "mtx_leave(&deadproc_mutex);"),
        ("kern/kern_exit.c:9", "wakeup(&deadproc);"),
        ("kern/kern_exit.c:10", "}"),
    ]
    assert [one and one.found for one in told] == [False] * 3 + [True] * 5
    assert first(beside, image, "exit1") == "kern/kern_exit.c 1.1 of the tree has no exit1()"
    assert first(beside, image, "cpu_switchto") == (
        "the tree has no arch/amd64/amd64/locore.S, and no cpu_switchto() beside it"
    )


def test_what_is_no_kernels_has_nothing_beside_it(image: Image, tmp_path: Path) -> None:
    (tmp_path / "kern").mkdir()
    beside = Counterparts(tmp_path, image)
    assert beside.of(image.statements[0]) is None
    assert first(beside, image, "userland") is None


def first(beside: Counterparts, image: Image, function: str) -> str | None:
    """What is said beside the first statement of a function."""
    found = beside.of(next(one for one in image.statements if one.function == function))
    return None if found is None else found.text
