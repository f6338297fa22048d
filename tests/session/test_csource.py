"""A kernel source tree, read by its shape. The C in here was written for these tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from exittui.errors import UsageError
from exittui.session.csource import CFunction, Tree

if TYPE_CHECKING:
    from pathlib import Path

KERN = """\
/*\t$OpenBSD: kern_small.c,v 1.7 2025/01/01 00:00:00 someone Exp $\t*/

int\tsmall(struct thing *, int);

/* small(x) { is not here } */
int
small(struct thing *t, int how)
{
\tstruct thing *next, *last;
\tint n = 0;

\tmtx_enter(&t->t_mtx);\t/* a brace } in a comment */
#ifdef DIAGNOSTIC
\tif (t->t_gone)
\t\tpanic("%s: gone; } {", __func__);
#endif
\tfor (next = t; next != NULL;
\t    next = next->t_next) {
\t\tn++;
\t\tlast = next;
\t}
\tswitch (how) {
\tcase ONE:
\tcase TWO:
\t\tatomic_setbits_int(&t->t_flags,
\t\t    T_SEEN);
\t\tbreak;
\tdefault:
\t\tgoto out;
\t}
\tTAILQ_FOREACH(next, &t->t_list, t_link)
\t\tn += 2;
\tdo {
\t\tn--;
\t} while (n > 3);
\tif (n == 3)
\t\tn = 4;
\telse if (n == 5)
\t\tn = 6;
\telse
\t\tn = 7;
out:
\tmtx_leave(&t->t_mtx);
\treturn (n);
}

static inline void
tiny(void)
{
}
"""

LOCORE = """\
ENTRY(first)
\tmovq\t%rdi,%rax
\tret
END(first)

/* switch */
ENTRY(go)
#ifdef DIAGNOSTIC
\tcmpq\t%rcx,CPUVAR(PROC_PMAP)\t/* the one before */
\tjne\t.Lpanic
#endif
\tmovq\t%rax,%cr3
1:
\tret
END(go)

IDTVEC(entry)
\tcli
END(Xentry)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree with a file of C, one of assembly and a header."""
    for name, text in {
        "kern/kern_small.c": KERN,
        "kern/kern_other.c": "void\nmoved(void)\n{\n\tsmall(NULL, 0);\n}\n",
        "arch/amd64/amd64/locore.S": LOCORE,
        "sys/small.h": "#define BIG_LOCK(x) do { \\\n\tlock(x); \\\n\tseen = 1; \\\n} while (0)\n",
    }.items():
        path = tmp_path / "sys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Tree(tmp_path)


def found(tree: Tree, upstream: str, name: str) -> CFunction:
    """A function that is there."""
    function = tree.function(upstream, name)
    assert isinstance(function, CFunction), function
    return function


def test_statements_of_a_c_function_with_their_lines(tree: Tree) -> None:
    function = found(tree, "kern/kern_small.c", "small")
    assert (function.file, function.revision) == ("kern/kern_small.c", "1.7")
    assert [(one.line, one.text) for one in function.statements] == [
        (10, "int n = 0;"),
        (12, "mtx_enter(&t->t_mtx);"),
        (14, "if (t->t_gone)"),
        (15, 'panic("%s: gone; } {", __func__);'),
        (17, "for (next = t; next != NULL; next = next->t_next)"),
        (17, "for (next = t; next != NULL; next = next->t_next)"),
        (19, "n++;"),
        (20, "last = next;"),
        (17, "for (next = t; next != NULL; next = next->t_next)"),
        (22, "switch (how)"),
        (23, "case ONE:"),
        (24, "case TWO:"),
        (25, "atomic_setbits_int(&t->t_flags, T_SEEN);"),
        (27, "break;"),
        (29, "goto out;"),
        (31, "TAILQ_FOREACH(next, &t->t_list, t_link)"),
        (32, "n += 2;"),
        (34, "n--;"),
        (35, "while (n > 3);"),
        (36, "if (n == 3)"),
        (37, "n = 4;"),
        (38, "else if (n == 5)"),
        (39, "n = 6;"),
        (41, "n = 7;"),
        (43, "mtx_leave(&t->t_mtx);"),
        (44, "return (n);"),
        (45, "}"),
    ]


def test_a_for_means_three_things_and_a_case_a_comparison(tree: Tree) -> None:
    statements = found(tree, "kern/kern_small.c", "small").statements
    assert [one.says for one in statements if one.says] == [
        "next = t",
        "while (next != NULL)",
        "next = next->t_next",
        "if ((how) == ONE)",
        "if ((how) == TWO)",
        "return",
    ]
    assert [(one.line, one.last_line) for one in statements if "SEEN" in one.text] == [(25, 26)]


def test_an_empty_function_only_returns(tree: Tree) -> None:
    assert [one.text for one in found(tree, "kern/kern_small.c", "tiny").statements] == ["}"]


def test_instructions_of_an_assembly_function(tree: Tree) -> None:
    function = found(tree, "arch/amd64/amd64/locore.S", "go")
    assert [(one.line, one.text) for one in function.statements] == [
        (9, "cmpq %rcx,CPUVAR(PROC_PMAP)"),
        (10, "jne .Lpanic"),
        (12, "movq %rax,%cr3"),
        (14, "ret"),
    ]
    vector = found(tree, "arch/amd64/amd64/locore.S", "Xentry")
    assert [one.text for one in vector.statements] == ["cli"]


def test_a_macro_is_what_it_stands_for(tree: Tree) -> None:
    function = found(tree, "sys/small.h", "BIG_LOCK")
    assert [(one.line, one.text) for one in function.statements] == [
        (2, "lock(x);"),
        (3, "seen = 1;"),
        (4, "while (0)"),
    ]


def test_a_function_is_found_where_it_has_moved(tree: Tree) -> None:
    assert found(tree, "kern/kern_small.c", "moved").file == "kern/kern_other.c"
    assert found(tree, "kern/kern_gone.c", "small").file == "kern/kern_small.c"
    assert found(tree, "kern/kern_small.c", "BIG_LOCK").file == "sys/small.h"


def test_what_is_not_there_is_said(tree: Tree) -> None:
    assert (
        tree.function("kern/kern_small.c", "large")
        == "kern/kern_small.c 1.7 of the tree has no large()"
    )
    assert (
        tree.function("kern/kern_gone.c", "large")
        == "the tree has no kern/kern_gone.c, and no large() beside it"
    )
    assert isinstance(tree.function("kern/kern_small.c", "mtx_enter"), str), "a call is no function"


def test_the_folder_itself_may_be_sys(tree: Tree, tmp_path: Path) -> None:
    del tree
    assert found(Tree(tmp_path / "sys"), "kern/kern_small.c", "small").first_line == 6


def test_a_folder_without_kernel_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no kernel sources: it has no sys/kern"):
        Tree(tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        Tree(tmp_path / "none")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "int\nodd(",
        "int\nodd(void)\n{\n\tif (x",
        "int\nodd(void)\n{\n\tfor (;;\n}\n",
        'int\nodd(void)\n{\n\tcall("open);\n}\n',
        "int\nodd(void)\n{\n\tx = {\n}\n",
        "int\nodd(void)\n{\n\tcase:\n\tswitch\n}\n",
        "int\nodd(void)\n{\n\tcall(\x1b[31m\x00);\n}\n",
        "#define odd(x)",
        "#define odd(x) \\",
        "\r\nint\r\nodd(void)\r\n{\r\n\tcall();\r\n}\r\n",
    ],
)
def test_a_file_that_is_not_in_order_harms_nobody(text: str, tmp_path: Path) -> None:
    (tmp_path / "kern").mkdir()
    (tmp_path / "kern" / "odd.c").write_text(text)
    function = Tree(tmp_path).function("kern/odd.c", "odd")
    if isinstance(function, CFunction):
        assert all(one.text.isprintable() for one in function.statements)


def test_what_cannot_be_read_is_not_there(tree: Tree, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sys" / "kern" / "kern_pipe.c")
    (tmp_path / "sys" / "kern" / "kern_bytes.c").write_bytes(b"\xff\xfe int\nodd(void)\n{\n}\n")
    assert isinstance(tree.function("kern/kern_pipe.c", "odd"), CFunction), "found beside it"
