"""What the compiler accepts does what Python would do; what it does not, it refuses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exittui.errors import LinkError
from exittui.machine import Machine, RoundRobin, link
from tests.machine.conftest import PRELUDE_LINES

if TYPE_CHECKING:
    from tests.machine.conftest import MakeModule


def call(make: MakeModule, text: str, *args: object) -> Any:
    """The result of `main` of this text, run on one CPU."""
    return Machine(link("test", [make(text)])).call("main", *args)


ACCEPTED = {
    "a loop with break and continue": (
        """
        def main(n: int) -> int:
            total = 0
            i = 0
            while True:
                i += 1
                if i % 2:
                    continue
                if i > n:
                    break
                total += i
            return total
        """,
        (10,),
        30,
    ),
    "calls: as a value, in a test, negated, compared, by name, with a default": (
        """
        def twice(x: int, times: int = 2) -> int:
            return x * times

        def main(x: int) -> int:
            y = twice(x)
            if twice(x, times=3) == 3 * x:
                y += 1
            if not twice(0):
                y += 10
            while twice(y) < 100:
                y += 100
            return twice(y)
        """,
        (5,),
        242,
    ),
    "a chain of elif": (
        """
        def main(x: int) -> int:
            if x == 1:
                return 10
            elif x == 2:
                return 20
            else:
                x = 30
            return x
        """,
        (2,),
        20,
    ),
    "a macro of macros, a global, a constant": (
        """
        LIMIT = 7
        count: int = variable(3)

        @macro
        def over(a: int, b: int) -> bool:
            return a > b

        @macro
        def full() -> bool:
            return over(count, LIMIT)

        def main(n: int) -> int:
            global count
            count += n
            return 1 if full() else 0
        """,
        (5,),
        1,
    ),
    "walking queues": (
        """
        class elm(struct):
            value: int = 0
            link: LINK[elm] = None

        head: TAILQ_HEAD[elm] = variable(TAILQ_HEAD)

        def main(n: int) -> int:
            while n > 0:
                e = elm(value=n)
                TAILQ_INSERT_TAIL(head, e, "link")
                n -= 1
            for x in TAILQ_FOREACH_SAFE(head, "link"):
                if x.value % 2:
                    TAILQ_REMOVE(head, x, "link")
                    free(x)
            total = 0
            for x in TAILQ_FOREACH(head, "link"):
                total = total * 10 + x.value
            return total
        """,
        (5,),
        42,
    ),
    "calls through pointers": (
        """
        class ops(struct):
            f: Any = None

        def add(a: int, b: int) -> int:
            return a + b

        table: ops = variable(ops, f=add)

        def main(a: int) -> int:
            r = table.f(a, 2)
            g = add
            s = g(r, 3)
            return s
        """,
        (1,),
        6,
    ),
    "an assignment in a test": (
        """
        class elm(struct):
            value: int = 0
            link: LINK[elm] = None

        head: LIST_HEAD[elm] = variable(LIST_HEAD)

        def main(n: int) -> int:
            while n:
                e = elm(value=n)
                LIST_INSERT_HEAD(head, e, "link")
                n -= 1
            total = 0
            while (x := LIST_FIRST(head)) is not None:
                LIST_REMOVE(x, "link")
                total += x.value
            return total
        """,
        (4,),
        10,
    ),
    "embedded structs, addresses and casts": (
        """
        class inner(struct):
            n: int = 1

        class outer(struct):
            a: inner = embed(inner)
            b: inner = embed(inner, n=5)
            m: int = 2

        def main(x: int) -> int:
            o = outer(m=3)
            o.a.n = cast("int", o.b.n) + o.m
            if addr(o, "m") == addr(o, "m") and address(o.a) != address(o.b):
                return o.a.n
            return 0
        """,
        (0,),
        8,
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(make: MakeModule, name: str) -> None:
    """Each function comes to the result that reading it gives."""
    text, args, expected = ACCEPTED[name]
    assert expected == call(make, text, *args)


REFUSED = {
    "a list comprehension": ("return [x]", "a list cannot be compiled"),
    "a lambda": ("y = lambda: x", "a lambda cannot be compiled"),
    "an f-string": ("y = f'{x}'", "an f-string cannot be compiled"),
    "try": ("try:\n        x = 1\n    finally:\n        x = 2", "kind Try"),
    "with": ("with x:\n        pass", "kind With"),
    "raise": ("raise ValueError", "kind Raise"),
    "two targets": ("a, b = x", "cannot assign to (a, b)"),
    "a chained assignment": ("a = b = x", "assign to one name or field at a time"),
    "a store to an item": ("x[0] = 1", "cannot assign to x[0]"),
    "for over anything else": ("for i in range(3):\n        pass", "walks a queue"),
    "a call inside an expression": ("x = 1 + main(2)", "whole statement, value or test"),
    "a call inside and": ("if x and main(2):\n        pass", "whole statement, value or test"),
    "a name nobody knows": ("x = nobody", "nobody is neither a local nor anything"),
    "a global without declaring it": ("count = 1", "needs `global count`"),
    "assert of anything else": ("assert x > 1", "use KASSERT"),
    "a loop that does nothing": ("while True:\n        pass", "a loop that does nothing"),
    "while with else": ("while x:\n        x = 0\n    else:\n        x = 1", "else"),
    "a statement that does nothing": ("max(x, 1)", "does nothing as a statement"),
    "a nested function": ("def f() -> None: ...", "kind FunctionDef"),
    "an unknown field": ("y = x.nonsense", "uses the field nonsense, which no struct has"),
    "an expression that does nothing": ("x + 1", "`x + 1` does nothing as a statement"),
    "yield for nothing": ("yield x", "cannot yield"),
    "yield": ("y = yield x", "yield cannot be compiled"),
    "del": ("del x", "kind Delete"),
    "a wrong number of arguments": ("main()", "main() takes (x), not what `main()` gives"),
    "an unknown argument": ("main(y=1)", "main() takes (x), not what `main(y=1)` gives"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(make: MakeModule, name: str) -> None:
    """Each is refused at its line, with the reason, whether or not it would ever run."""
    body, reason = REFUSED[name]
    text = f"count: int = variable(0)\ndef main(x: int) -> int:\n    {body}\n    return x\n"
    with pytest.raises(LinkError) as caught:
        link("test", [make(text)])
    assert reason in caught.value.message
    assert caught.value.line == PRELUDE_LINES + 3
    assert caught.value.file == "code.py"


OVERLOOKED = {
    "async": ("async def f() -> None: ...", "f(): only a plain `def`", 1),
    "a branch": ("if True:\n    def f() -> None: ...", "f(): only a plain `def`", 2),
    "a decorator": ("@staticmethod\ndef f() -> None: ...", "decorator staticmethod cannot", 1),
    "twice": (
        "def f() -> None: ...\ndef f() -> None: ...",
        "f() is defined twice, first in line",
        2,
    ),
}


@pytest.mark.parametrize("name", OVERLOOKED)
def test_no_function_is_overlooked(make: MakeModule, name: str) -> None:
    """What Python defines, but the linker would leave out or take otherwise, is refused."""
    text, reason, line = OVERLOOKED[name]
    with pytest.raises(LinkError) as caught:
        link("test", [make(text)])
    assert reason in caught.value.message
    assert (caught.value.file, caught.value.line) == ("code.py", PRELUDE_LINES + line)


def test_one_statement_is_one_step(make: MakeModule) -> None:
    """Seven statements run: two values, three tests, twice the body. The end takes no step."""
    text = """
    def main(x: int) -> None:
        i = 0
        n = x
        while i < n:
            i += 1
    """
    machine = Machine(link("test", [make(text)]))
    machine.begin(0, "main", 2)
    machine.start()
    while machine.ready(0):
        machine.step(0)
    assert [machine.history.statement(i).text for i in range(machine.position)] == [
        "i = 0",
        "n = x",
        "while i < n:",
        "i += 1",
        "while i < n:",
        "i += 1",
        "while i < n:",
    ]


def test_statements_know_where_they_come_from(make: MakeModule) -> None:
    """File, upstream file, function and line of every statement; user mode where it is marked."""
    text = """
    @usermode
    def program(x: int) -> int:
        return x
    """
    image = link("test", [make(text, "kern_test")])
    statement = image.statements[image.functions["program"].entry]
    assert (
        statement.file,
        statement.upstream,
        statement.function,
        statement.line,
        statement.kind,
    ) == ("kern_test.py", "kern/kern_test.c", "program", PRELUDE_LINES + 4, "user")
    assert image.functions["program"].revision == "1.1"


@pytest.mark.parametrize(
    "text",
    [
        "def main(x: int) -> None:\n    main(x + 1)\n",
        "def main(x: int) -> None:\n    other(x)\ndef other(x: int) -> None:\n    main(x + 1)\n",
        "def main(x: int) -> None:\n    y = main\n    y(x + 1)\n",
    ],
    ids=["itself", "another", "a pointer"],
)
def test_a_stack_has_an_end(make: MakeModule, text: str) -> None:
    """A recursion without one is a panic of frame 256, whose undoing leads back to the start."""
    machine = Machine(link("test", [make(text)]))
    machine.begin(0, "main", 0)
    machine.start()
    before = machine.fingerprint()
    machine.run(RoundRobin(), 10_000)
    assert machine.result
    assert machine.result.message == "stack overflow: a call from frame 256"
    assert len(machine.frames(0)) == 256
    machine.goto(0)
    assert machine.fingerprint() == before
