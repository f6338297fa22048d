"""A thread that leaves for good, while others go on asking it to look at a word."""

from __future__ import annotations

from typing import cast

from exittui.machine.lang import KASSERT, embed, macro, spin, struct, this_cpu, variable

LEFT = 1


class cpu(struct):
    number: int = 0


class part(struct):
    p_word: int = 0


class thread(struct):
    t_flag: int = 0
    t_part: part = embed(part)
    t_asked: int = 0


one: thread = variable(thread)
done: int = variable(0)


@macro
def me() -> cpu:
    return cast("cpu", this_cpu())


def leave(late: int) -> None:
    """Look at the word, leave, and perhaps wait for it."""
    global done
    if one.t_part.p_word:
        one.t_part.p_word = 0
        one.t_asked = 1
    one.t_flag |= LEFT
    if late:
        while one.t_part.p_word == 0:
            spin()
    done += 1 + one.t_asked
    KASSERT(done < 4)


def ask() -> None:
    """Ask, before or after."""
    global done
    one.t_part.p_word = 1
    done += 1
