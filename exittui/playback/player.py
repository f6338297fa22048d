"""Playing a script: forward, back, away and home again.

What a script does is done once, and kept as choices: the schedule of the lesson. Going back and
forward again is going to a place of that schedule, so that nothing a person does in between can
change what the lesson shows. A person may take over at any moment: the debugger's own commands
move the session, and `come_back` puts it where the lesson was. What the person did stays as a
branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, frozen

from exittui.errors import ExittuiError, UsageError
from exittui.machine import Schedule, Scripted
from exittui.machine.slices import Made, whole
from exittui.playback.budget import MOST_WORK, Budget
from exittui.playback.failure import ScriptFailed
from exittui.playback.moments import chapters, cut
from exittui.playback.moving import perform
from exittui.playback.questions import of_figures, question
from exittui.scenario.play import verdict
from exittui.scenario.script import MEASURED

if TYPE_CHECKING:
    from array import array
    from collections.abc import Generator
    from pathlib import Path

    from exittui.playback.measuring import Figures, Measuring
    from exittui.playback.moments import Moment
    from exittui.playback.questions import Question
    from exittui.scenario.expression import Expression
    from exittui.scenario.script import Cue
    from exittui.session.session import Session
    from exittui.session.views_moving import Progress


_LOOKED_BACK: Final = 5000
"""Steps of a move in which a goal is looked for that was passed over; fewer if it looks at much."""


@frozen
class Mark:
    """Where the machine stands at a moment, and the CPU that is looked at."""

    position: int
    focus: int
    question: Question | None
    figures: Figures | None = None


@define
class Score:
    """What a player has done in one lesson: right at the first answer, asked, goals, finished."""

    right: int = 0
    asked: int = 0
    goals: int = 0
    hints: int = 0
    finished: bool = False


class Player:
    """Plays the script of a session's scenario; it stands before the first moment at first."""

    def __init__(self, session: Session, cache: Path | None = None, work: int = MOST_WORK) -> None:
        """Begin where the session stands, at the start of its run.

        `cache` is a folder for the kernels that are linked to be measured, `work` how much the
        script may make, counted in steps.
        """
        self.session = session
        self._cache = cache
        self._measures: Measuring | None = None
        self.moments: tuple[Moment, ...] = cut(session.built.scenario.script)
        self.chapters = chapters(self.moments)
        self.at = -1
        """The number of the moment that is shown; -1 before the first."""
        self.score = Score()
        self.answers: dict[int, int] = {}
        """By moment, the last choice that was taken."""
        self.reached: set[int] = set()
        """The moments whose goals were reached."""
        self.hinted: dict[int, int] = {}
        self._budget = Budget.of(session.built, work)
        self._marks: list[Mark] = []
        self._picks: array[int] = session.machine.schedule().picks
        self._start = Mark(session.machine.position, session.focus, None)

    # -- where the lesson is -------------------------------------------------------------------

    @property
    def moment(self) -> Moment | None:
        """What is shown; None before the first."""
        return self.moments[self.at] if self.at >= 0 else None

    @property
    def question(self) -> Question | None:
        """What is asked, if anything is."""
        return self._mark.question

    @property
    def figures(self) -> Figures | None:
        """What is measured for this moment, if anything is."""
        return self._mark.figures

    @property
    def last(self) -> bool:
        """Whether nothing comes any more."""
        return self.at >= len(self.moments) - 1

    @property
    def _mark(self) -> Mark:
        return self._marks[self.at] if self.at >= 0 else self._start

    @property
    def away(self) -> bool:
        """Whether somebody has moved the session since the lesson stood here."""
        machine, mark = self.session.machine, self._mark
        here = machine.schedule().picks
        return machine.position != mark.position or here != self._picks[: mark.position]

    @property
    def work_left(self) -> int:
        """How much more work the script may make, in steps."""
        return self._budget.left

    # -- moving --------------------------------------------------------------------------------

    def forward(self) -> bool:
        """To the next moment; whether there was one. Raises ScriptFailed if it cannot be."""
        return whole(self.going())

    def going(self) -> Generator[Progress, None, bool]:
        """`forward`, slice by slice where something has to be measured, and at once if not.

        Between slices the lesson stands where it stood, and so does the session. Closed there, it
        has not gone on, and nothing was taken off what the script may make.
        """
        if self.last:
            self.score.finished = self.open is None
            return False
        self.come_back()
        if self.at + 1 == len(self._marks):
            left, paid = self._budget.left, self._paid
            try:
                self._marks.append((yield from self._play(self.moments[self.at + 1])))
            except ScriptFailed:
                self.come_back()
                raise
            except GeneratorExit:
                self.come_back()
                self.session.machine.forget_future()
                self._budget.left, self._paid = left, paid
                raise
            self.at += 1
        else:
            self.at += 1
            self.come_back()
        if self.last:
            self.score.finished = self.open is None
        return True

    def back(self) -> bool:
        """To the moment before; whether there was one."""
        if self.at <= 0:
            self.come_back()
            return False
        self.at -= 1
        self.come_back()
        return True

    def chapter(self, number: int) -> None:
        """To the first moment of a chapter, counted from 1."""
        wanted = self.chapters[number - 1][1]
        while self.at < wanted and self.forward():
            pass
        self.at = min(self.at, wanted)
        self.come_back()

    def continue_from(self, other: Player) -> None:
        """Go to the moment where another player stands: the one of a script that was changed.

        Answers to what is asked as before, and the score, are kept. Raises ScriptFailed at the
        moment before the one that fails.
        """
        self.score = other.score
        if other._measures is not None:
            self._measuring.take_over(other._measures)
        for number, (one, its) in enumerate(zip(self.moments, other.moments, strict=False)):
            if one.cue == its.cue:
                self.reached |= other.reached & {number}
                for mine, theirs in ((self.answers, other.answers), (self.hinted, other.hinted)):
                    if number in theirs:
                        mine[number] = theirs[number]
        wanted = min(max(other.at, 0), len(self.moments) - 1)
        while self.at < wanted:
            self.forward()

    def replay(self) -> None:
        """The moves of this moment once more: the machine stands before them.

        The next `forward` is this moment again.
        """
        self.at = max(self.at - 1, -1)
        self.come_back()

    def come_back(self) -> None:
        """Put the session where the lesson stands."""
        session, machine, mark = self.session, self.session.machine, self._mark
        wanted = self._picks[: mark.position]
        if machine.recorded_schedule().picks[: mark.position] != wanted:
            self._find_home(wanted)
        machine.goto(mark.position)
        session.focus = mark.focus
        before = self._marks[self.at - 1] if self.at > 0 else self._start
        session.moved_from = before.position

    def _find_home(self, wanted: array[int]) -> None:
        """Onto the branch that the lesson is on, or a new one like it."""
        branches, machine = self.session.branches, self.session.machine
        for branch in branches:
            if branches.line(branch)[: len(wanted)] == wanted:
                branches.switch(branch)
                return
        here = machine.recorded_schedule().picks
        shared = next(
            (at for at, (one, other) in enumerate(zip(wanted, here, strict=False)) if one != other),
            min(len(wanted), len(here)),
        )
        machine.goto(shared)
        self._own_branch()
        machine.run(Scripted(Schedule(wanted[shared:])), len(wanted) - shared)

    def _own_branch(self) -> None:
        """Have nothing recorded beyond this step; what was, stays with its branch."""
        if self.session.machine.recorded == self.session.machine.position:
            return
        names = {branch.name for branch in self.session.branches}
        number = 1
        while f"lesson-{number}" in names:
            number += 1
        self.session.branches.name(f"lesson-{number}")

    # -- what a moment does --------------------------------------------------------------------

    def _play(self, moment: Moment) -> Generator[Progress, None, Mark]:
        """Carry out the cues of a moment for the first time."""
        session = self.session
        self._own_branch()
        asked = figures = None
        for number, cue in moment.cues:
            if cue.do is not None:
                self._do(number, "do", cue.do)
            elif cue.assert_ is not None:
                self._assert(number, cue.assert_)
            elif cue.show is not None:
                self._point(number, cue)
            elif cue.measure is not None:
                figures = yield from self._measure(number, cue)
            elif cue.ask is not None:
                asked = yield from self._ask(number, cue)
            elif cue.until is not None:
                self._compiled(number, "until", cue.until)
        self._picks = session.machine.schedule().picks
        # What the whole moment changed is lit, now as when one comes back to it.
        session.moved_from = self._marks[-1].position if self._marks else self._start.position
        return Mark(session.machine.position, session.focus, asked, figures)

    def _do(self, number: int, key: str, lines: tuple[str, ...]) -> None:
        try:
            perform(self.session, lines, self._budget)
        except ExittuiError as error:
            raise ScriptFailed(error.message, cue=number, key=key) from None

    def _assert(self, number: int, text: str) -> None:
        machine = self.session.machine
        expression = self._compiled(number, "assert", text)
        holds = expression.holds(machine)
        self._looked(number, "assert", expression)
        if not holds:
            parts = [f"{part.text} is {part.shown}" for part in expression.explain(machine)[1:4]]
            said = f"{text} does not hold at step {machine.position}: {', '.join(parts)}"
            raise ScriptFailed(said.rstrip(": "), cue=number, key="assert")

    def _compiled(self, number: int, key: str, text: str) -> Expression:
        try:
            return self.session.asking.compile(text)
        except ExittuiError as error:
            raise ScriptFailed(error.message, cue=number, key=key) from None

    def _looked(self, number: int, key: str, expression: Expression) -> None:
        try:
            self._budget.looked(expression)
        except ExittuiError as error:
            raise ScriptFailed(error.message, cue=number, key=key) from None

    def _point(self, number: int, cue: Cue) -> None:
        """What glows has to be there."""
        from exittui.playback.pointing import pointed  # noqa: PLC0415 - with the first pointer

        try:
            for text in cue.show or ():
                pointed(self.session, text, spent=self._budget.looked)
        except ExittuiError as error:
            raise ScriptFailed(error.message, cue=number, key="show") from None

    @property
    def _measuring(self) -> Measuring:
        from exittui.playback.measuring import Measuring  # noqa: PLC0415 - few scripts measure

        if self._measures is None:
            self._measures = Measuring(self.session.built.scenario, self._cache, self._budget)
        return self._measures

    @property
    def _paid(self) -> frozenset[str]:
        """The kernels whose measurement was taken off the budget."""
        return self._measures.paid if self._measures is not None else frozenset()

    @_paid.setter
    def _paid(self, kernels: frozenset[str]) -> None:
        if self._measures is not None:
            self._measures.paid = kernels

    def _meanwhile(
        self, slices: Generator[Progress, None, Made]
    ) -> Generator[Progress, None, Made]:
        """What is measured while the session, which is seen meanwhile, stands where it stood."""
        machine, session = self.session.machine, self.session
        here, looking = machine.position, session.looking
        self.come_back()
        try:
            return (yield from slices)
        finally:
            machine.goto(here)
            session.looking = looking

    def _measure(self, number: int, cue: Cue) -> Generator[Progress, None, Figures]:
        """The figures of a cue, with the kernel ahead that it says is."""
        names, kernels = cue.measure or (), cue.under or ()
        try:
            found = yield from self._meanwhile(self._measuring.figures(names, kernels))
            least = None
            if cue.least is not None:
                least = yield from self._measuring.least(names[0], kernels)
        except ExittuiError as error:
            raise ScriptFailed(error.message, cue=number, key="measure") from None
        if least != cue.least:
            told = ", ".join(map(" ".join, zip(kernels, found.rows[0].words, strict=True)))
            said = f"{cue.least} has not the least {names[0]}: {told}"
            raise ScriptFailed(said, cue=number, key="least")
        return found

    def _ask(self, number: int, cue: Cue) -> Generator[Progress, None, Question]:
        """The question with its answer; what has to be done to know it is taken back."""
        session, machine = self.session, self.session.machine
        here, focus = machine.position, session.focus
        key = "after"
        try:
            if cue.after is not None:
                self._own_branch()
                perform(session, cue.after, self._budget)
            key = "of"
            if cue.kind in MEASURED:
                found = yield from self._meanwhile(of_figures(self._measuring, cue))
            else:
                found = question(session, cue, self._budget)
        except ExittuiError as error:
            raise ScriptFailed(error.message, cue=number, key=key) from None
        finally:
            machine.goto(min(here, machine.recorded))
            machine.forget_future()
            session.focus = focus
        return found

    # -- answers and goals ---------------------------------------------------------------------

    @property
    def open(self) -> str | None:
        """What this moment still wants: "answer", "goal" or nothing."""
        moment = self.moment
        if moment is None:
            return None
        if self.question is not None and not self.solved:
            return "answer"
        if moment.cue.goal is not None and self.at not in self.reached:
            return "goal"
        return None

    @property
    def solved(self) -> bool:
        """Whether the question of this moment was answered, right or wrong."""
        return self.at in self.answers

    def answer(self, choice: int) -> bool:
        """Take an answer; whether it is right. Only the first one counts."""
        asked = self.question
        if asked is None:
            return False
        right = choice == asked.right
        if self.at not in self.answers:
            self.score.asked += 1
            self.score.right += right
            self.answers[self.at] = choice
        return right

    def judge(self) -> bool:
        """Whether the goal of this moment is reached where the machine stands now."""
        moment = self.moment
        if moment is None or moment.cue.goal is None:
            return False
        if not self._reached(moment.cue):
            return False
        if self.at not in self.reached:
            self.reached.add(self.at)
            self.score.goals += 1
        return True

    def went_past(self) -> int | None:
        """The last step of the move just made at which the goal held, if it did at any.

        A goal counts where one stops; whoever runs past it wants to know.
        """
        moment, session = self.moment, self.session
        if moment is None or moment.cue.until is None:
            return None
        machine, here = session.machine, session.machine.position
        goal, budget = session.asking.compile(moment.cue.until), Budget(_LOOKED_BACK)
        try:
            for step in range(here - 1, session.moved_from, -1):
                machine.goto(step)
                seen = goal.seen
                if goal.holds(machine):
                    return step
                budget.looked(goal, seen)
        except UsageError:
            return None
        finally:
            machine.goto(here)
        return None

    def _reached(self, cue: Cue) -> bool:
        session = self.session
        if cue.until is not None:
            return bool(session.asking.compile(cue.until).holds(session.machine))
        return bool(verdict(session.built)[0] == cue.result)

    def hint(self) -> str:
        """The next hint to the goal, or that there is none."""
        moment = self.moment
        hints = (moment.cue.hints or ()) if moment is not None else ()
        given = self.hinted.get(self.at, 0)
        if given >= len(hints):
            return "There is no further hint."
        self.hinted[self.at] = given + 1
        self.score.hints += 1
        return hints[given]

    def solve(self) -> None:
        """Carry out the solution of the goal of this moment; `come_back` takes it back."""
        moment = self.moment
        if moment is None or moment.cue.solution is None:
            return
        self.come_back()
        self._own_branch()
        self._do(moment.number, "solution", moment.cue.solution)
