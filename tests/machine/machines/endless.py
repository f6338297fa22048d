"""Functions that return, on some way or on none."""

from __future__ import annotations

from exittui.machine.lang import panic, spin, variable

word: int = variable(0)


def stop() -> None:
    """Panic."""
    panic("stop")


def turn() -> None:
    """Go round for ever."""
    global word
    while True:
        word += 1


def wait() -> None:
    """Wait, and go on."""
    while word == 0:
        spin()


def choose(way: int) -> None:
    """Stop, or turn for ever."""
    if way:
        wait()
        stop()
    else:
        turn()


def come_back(way: int) -> None:
    """On one of two ways."""
    if way:
        choose(way)


def again(way: int) -> None:
    """Call itself, and stop in the end."""
    if way:
        again(way - 1)
    stop()


def there(way: int) -> None:
    """What never returns calls another one that calls it."""
    if way:
        stop()
    back(way)


def back(way: int) -> None:
    """See there()."""
    there(way + 1)
