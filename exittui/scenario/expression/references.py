"""What the names in an expression become: words, variables, processes, threads and fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from attrs import frozen

from exittui.scenario.expression import operators
from exittui.scenario.expression.functions import FUNCTIONS, LOOKUPS
from exittui.scenario.expression.kinds import ANY, NUMBER, TEXT, Kind, pointer
from exittui.scenario.expression.looking import Absent, Look, Watching
from exittui.scenario.expression.names import Names, last_fields, nearest
from exittui.scenario.expression.tree import Call, Index, Literal, Member, Name, Node, Nth

if TYPE_CHECKING:
    from exittui.machine import Machine, struct
    from exittui.scenario.expression.operators import Run

_SOME: Final = 8
LEAST_TID: Final = 100
"""Behind the name of a process, a smaller number counts its threads, and this or more is a tid."""

RESULTS: Final = ("", "panic", "violation", "deadlock", "done")
WORDS: Final = {
    "result": Kind("text", words=RESULTS),
    "message": TEXT,
    "step": NUMBER,
}
"""What the run has come to: how it ended, in which words, and after how many steps."""


@frozen(eq=False)
class Value:
    """A part of an expression, ready to run.

    `constant` is (its value,) if it has one. `number` is that of the struct it always points to,
    `pid` that of the process it always is.
    """

    kind: Kind
    run: Run
    constant: tuple[Any, ...] = ()
    number: int | None = None
    pid: int | None = None


class References:
    """Builds the parts of an expression that name something; `Builder` builds the others."""

    def __init__(self, names: Names, look: Look) -> None:
        """Watch if the look does."""
        self._names = names
        self._look = look
        self._watching = look if isinstance(look, Watching) else None
        self.values: dict[Node, Any] = {}
        """What each part was when it was evaluated last, if watched."""
        self.kinds: dict[Node, Kind] = {}
        self.follows_writes = True
        self.from_state = True

    def build(self, node: Node) -> Value:
        """One part and all within it."""
        raise NotImplementedError

    def number(self, node: Node) -> Value:
        """A part that has to be a number."""
        value = self.build(node)
        if value.kind.name not in ("number", "any"):
            raise node.refused(f"is {value.kind}, where a number should be", "a number")
        return value

    # -- names ---------------------------------------------------------------------------------

    def name(self, node: Name) -> Value:
        """A word."""
        names, word = self._names, node.word
        if word in WORDS:
            return self._word(word)
        cpu = word.removeprefix("cpu")
        if word.startswith("cpu") and cpu.isdigit() and int(cpu[:4]) < names.ncpu:
            number = int(cpu)
            if str(number) == cpu:
                return Value(pointer(names.cpu), lambda machine: machine.infos[number])
        if word in names.pids:
            return self._process(names.pids[word])
        if word in names.image.variables:
            return self._variable(word)
        if word in names.constants:
            return constant(NUMBER, names.constants[word])
        self._unknown(node)

    def _unknown(self, node: Node) -> NoReturn:
        names, word = self._names, node.word
        if word in FUNCTIONS or word in LOOKUPS:
            form = FUNCTIONS[word].form(word) if word in FUNCTIONS else f"{word}(number)"
            raise node.error("is a function", form)
        hint, _ = nearest(word, [*WORDS, *names.known(), *FUNCTIONS, *LOOKUPS])
        copies = [name for name in names.pids if name.partition(".")[0] == word]
        if copies:
            hint = f"; there are {copies[0]} to {copies[-1]}"
        elif any(name.startswith(f"{word}-") for name in names.pids):
            hint = '; a process with a - in its name is written process("name")'
        some = [*names.pids][:_SOME] + ["…"] * (len(names.pids) > _SOME)
        processes = f"a process ({', '.join(some)}), " if some else ""
        cpus = (
            ""
            if not names.ncpu
            else "cpu0, "
            if names.ncpu == 1
            else f"cpu0 to cpu{names.ncpu - 1}, "
        )
        raise node.error(
            f"is not known in kernel {names.image.name}{hint}",
            f"{processes}{cpus}a kernel variable, a constant, {', '.join(WORDS)}",
        )

    def _word(self, word: str) -> Value:
        ending = self._names.ending
        self.follows_writes = False
        runs: dict[str, Run] = {
            "result": lambda machine: ending(machine)[0] if _ended(machine) else "",
            "message": lambda machine: ending(machine)[1] if _ended(machine) else "",
            "step": lambda machine: machine.position,
        }
        self.from_state = False
        return Value(WORDS[word], runs[word])

    def _variable(self, name: str) -> Value:
        kind = self._names.variable_kind(name)
        is_struct = isinstance(self._names.image.variables[name].init, type)

        def of_structs(machine: Machine) -> Any:
            return machine.memory.structs[name]

        def of_variables(machine: Machine) -> Any:
            return machine.memory.variables[name]

        def watched(machine: Machine) -> Any:
            if self._watching is not None:
                self._watching.reads[None, name] = None
            return machine.memory.variables[name]

        if is_struct:
            return Value(kind, of_structs)
        return Value(kind, watched if self._watching else of_variables)

    # -- processes and threads -----------------------------------------------------------------

    def _process(self, pid: int) -> Value:
        number = self._names.processes[pid]
        return Value(pointer("process"), _numbered(number), number=number, pid=pid)

    def nth(self, node: Nth) -> Value:
        """`worker.2`: a thread, or one of the copies of a process that there are many of."""
        copy = f"{node.target.word}.{node.number}"
        if isinstance(node.target, Name) and copy in self._names.pids:
            return self._process(self._names.pids[copy])
        target = self.build(node.target)
        if target.pid is None:
            raise node.error(
                f"is no field of {target.kind}",
                "the name of a field; threads are numbered behind the name of a process",
            )
        known = self._names.threads[target.pid]
        if node.number < len(known):
            number = known[node.number]
            return Value(pointer("proc"), _numbered(number), number=number)
        if node.number >= LEAST_TID:
            return self._by_tid(node, known, target)
        text = node.target.text
        if target.pid not in self._names.spawning:
            last = f" to {text}.{len(known) - 1}" if len(known) > 1 else ""
            raise node.error(f"is no thread of {text}", f"{text}.0{last}")
        return Value(pointer("proc"), self._later(target, node.number, text))

    def _by_tid(self, node: Nth, known: tuple[int, ...], target: Value) -> Value:
        """`worker.3001`: a thread as the debugger names it, by its process and its tid."""
        number = self._names.tids.get(node.number)
        if number in known:
            return Value(pointer("proc"), _numbered(number), number=number)
        if target.pid not in self._names.spawning:
            tids = [tid for tid, one in self._names.tids.items() if one in known]
            text = node.target.text
            accepted = ", ".join(f"{text}.{tid}" for tid in tids[:_SOME])
            raise node.error(f"is no thread of {text}", f"{text}.0, or by tid {accepted}")
        places = {one: getattr(node, one) for one in ("source", "start", "end", "place")}
        tid = Literal(**places, word=str(node.number), value=node.number)
        return self.lookup(Call(**places, word="thread", arguments=(tid,)))

    def _later(self, target: Value, nth: int, text: str) -> Run:
        """A thread that the process makes itself, in the order of their making."""
        self.from_state = False
        roll, look = self._names.roll, self._look
        absent = Absent(f"{text} has no thread {nth}")

        def run(machine: Machine) -> Any:
            threads = roll.all(machine, "proc")
            look.among(machine, threads, "p_p")
            process, count = target.run(machine), -1
            for thread in threads:
                count += last_fields(machine, thread).get("p_p") is process
                if count == nth:
                    return thread
            return absent

        return run

    def _wrong_count(self, node: Call, form: str, count: int) -> NoReturn:
        given = len(node.arguments)
        plural = "" if count == 1 else "s"
        raise node.error(f"takes {count} argument{plural}, not {given}", form)

    def lookup(self, node: Call) -> Value:
        """`process(3000)`, `process("name")` and `thread(3002)`."""
        if len(node.arguments) != 1:
            self._wrong_count(node, f"{node.word}(number)", 1)
        names, (argument,) = self._names, node.arguments
        name, field = LOOKUPS[node.word]
        if isinstance(argument, Literal) and isinstance(argument.value, str):
            return self._named(node, argument, argument.value)
        value = self.number(argument)
        if value.constant:
            number = value.constant[0]
            if node.word == "process" and number in names.processes:
                return self._process(number)
            if node.word == "thread" and number in names.tids:
                number = names.tids[number]
                return Value(pointer("proc"), _numbered(number), number=number)
        self.from_state = False
        look = self._look

        def run(machine: Machine) -> Any:
            wanted = value.run(machine)
            if wanted.__class__ is Absent:
                return wanted
            look.among(machine, names.roll.all(machine, name), field)
            found = names.roll.find(machine, name, field, wanted)
            return Absent(f"there is no {node.word} {wanted}") if found is None else found

        return Value(pointer(name), run)

    def _named(self, node: Call, argument: Node, text: str) -> Value:
        pids = self._names.pids
        if node.word != "process":
            raise argument.error("is no thread", "its number, or worker.0 for a thread of worker")
        if text not in pids:
            hint, accepted = nearest(text, pids)
            raise argument.error(f"names no process{hint}", accepted)
        return self._process(pids[text])

    # -- fields and elements -------------------------------------------------------------------

    def member(self, node: Member) -> Value:
        """`worker.ps_flags`."""
        target, name = self.build(node.target), node.word
        kind = self._field_kind(node, target.kind)
        text = node.target.text
        if self._watching is None and target.number is not None:
            return Value(kind, operators.field_of(target.number, name, text))
        plain = operators.field(target.run, name, text)
        if self._watching is None:
            return Value(kind, plain)
        note, values, part = self._watching.note, self.values, node.target

        def run(machine: Machine) -> Any:
            found = plain(machine)
            note(machine, values[part], name)
            return found

        return Value(kind, run)

    def _field_kind(self, node: Member, owner: Kind) -> Kind:
        names, name = self._names, node.word
        if owner.name == "pointer":
            fields = names.fields(owner.struct)
            if name in fields:
                return names.field_kind(owner.struct, name)
            hint, accepted = nearest(name, fields)
            elsewhere = [one for one in names.owners(name) if one != owner.struct]
            if elsewhere:
                hint = f"; there is one in struct {', '.join(elsewhere)}"
            raise node.error(
                f"is no field of struct {owner.struct} in kernel {names.image.name}{hint}",
                accepted,
            )
        if owner.name != "any":
            raise node.error(
                f"is asked of {node.target.text!r}, which is {owner} and has no fields",
                "fields behind a pointer" if owner.name != "list" else "len(…), or: … in …",
            )
        owners = names.owners(name)
        if not owners:
            every = [field for one in names.image.structs for field in names.fields(one)]
            hint, _ = nearest(name, every)
            raise node.error(
                f"is no field of any struct in kernel {names.image.name}{hint}",
                "a field of the struct it may point to",
            )
        return names.field_kind(owners[0], name) if len(owners) == 1 else ANY

    def index(self, node: Index) -> Value:
        """`spc_qs[3]`."""
        target, index = self.build(node.target), self.number(node.index)
        if target.kind.name not in ("tuple", "any"):
            raise node.error(
                f"asks for an element of {node.target.text!r}, which is {target.kind}",
                "an array, as ci_schedstate.spc_qs",
            )
        kind = pointer(target.kind.struct) if target.kind.struct else ANY
        text, which = node.target.text, node.index.text

        def run(machine: Machine) -> Any:
            row, place = target.run(machine), index.run(machine)
            for value in (row, place):
                if value.__class__ is Absent:
                    return value
            if not isinstance(row, tuple):
                return Absent(f"{text} is no array")
            if not isinstance(place, int):
                return Absent(f"{which} is no number")
            if not 0 <= place < len(row):
                return Absent(f"{text} has no element {place}")
            return row[place]

        return Value(kind, run)


def constant(kind: Kind, value: Any) -> Value:
    """A part that is always the same."""
    return Value(kind, lambda _: value, constant=(value,))


def _numbered(number: int) -> Run:
    def run(machine: Machine) -> struct | None:
        return machine.memory.heap[number]

    return run


def _ended(machine: Machine) -> bool:
    """Whether nothing can go on: what `ending` would say is only then an end."""
    return machine.result is not None or not machine.enabled()
