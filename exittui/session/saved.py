"""What of a session is kept in its file, as plain values."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from exittui.machine import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exittui.machine import Image
    from exittui.session.breakpoints import Stop
    from exittui.session.origin import Origin
    from exittui.session.session import Session


@frozen
class SavedBranch:
    """A branch: by the name of its parent, where it leaves it, and its choices from there."""

    name: str
    parent: str
    at: int
    schedule: str
    position: int


@frozen
class SavedPlace:
    """Where something was asked that means something only there; see `origin`."""

    branch: str
    position: int
    cpu: int
    tid: int
    frame: int


@frozen
class SavedStop:
    """What stops a run, as the command that sets it."""

    command: str
    enabled: bool = True
    ignore: int = 0
    at: SavedPlace | None = None


@frozen
class SavedDisplay:
    """An expression that is printed after every move."""

    expression: str
    at: SavedPlace | None = None


@frozen
class Saved:
    """All that a session file holds."""

    scenario: str
    """The scenario's name, or the path of its file."""
    content: str
    """A hash of its text."""
    kernel: str
    text: str
    """A hash of the text of the kernel, as it is linked."""
    without: tuple[str, ...]
    chooser: str
    seed: int
    dialect: str
    locking: str
    branch: str
    focus: int
    branches: tuple[SavedBranch, ...]
    stops: tuple[SavedStop, ...] = ()
    displays: tuple[SavedDisplay, ...] = ()
    checkpoints: tuple[tuple[str, int], ...] = ()
    layout: Mapping[str, Any] = field(factory=dict)


def of_session(session: Session) -> Saved:
    """What there is to save."""
    branches = session.branches
    machine = session.machine
    current = branches.current
    saved = []
    for branch in branches:
        line = branches.line(branch)
        position = machine.position if branch is current else branch.position
        saved.append(
            SavedBranch(
                name=branch.name,
                parent=branch.parent.name if branch.parent is not None else "",
                at=branch.at,
                schedule=str(Schedule(line[branch.at :])),
                position=position,
            )
        )
    run = session.built.scenario.run
    return Saved(
        scenario=session.scenario_path or session.built.scenario.name,
        content=content_of(session.scenario_path or session.built.scenario.name),
        kernel=session.kernel,
        text=text_of_kernel(session.machine.image),
        without=tuple(session.built.without),
        chooser=run.chooser,
        seed=run.seed,
        dialect=session.dialect,
        locking=session.mover.locking,
        branch=current.name,
        focus=session.focus,
        branches=tuple(saved),
        stops=tuple(
            SavedStop(command_of(stop), stop.enabled, stop.ignore, _place(stop.origin))
            for stop in session.breakpoints
            if stop.origin is None or stop.origin.is_there(session)
        ),
        displays=tuple(
            SavedDisplay(question.text, _place(origin))
            for number, question in session.displays.items()
            if (origin := session.origins.get(number)) is None or origin.is_there(session)
        ),
        checkpoints=tuple(
            (branch.name, position) for branch, position in session.checkpoints.values()
        ),
        layout=session.layout,
    )


def _place(origin: Origin | None) -> SavedPlace | None:
    if origin is None:
        return None
    return SavedPlace(origin.branch.name, origin.position, origin.cpu, origin.tid, origin.frame)


def content_of(scenario: str) -> str:
    """A hash of the text of a scenario; nothing if it cannot be read."""
    from exittui.scenario.library import folder, names  # noqa: PLC0415 - the layer below

    path = folder() / f"{scenario}.toml" if scenario in names() else Path(scenario)
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def text_of_kernel(image: Image) -> str:
    """A hash of every statement of a kernel and of where it stands.

    Breakpoints are kept by their lines, so a comment more is another text too.
    """
    digest = hashlib.blake2b(digest_size=16)
    for one in image.statements:
        digest.update(f"{one.file}:{one.line} {one.function} {one.kind} {one.text}\n".encode())
    return digest.hexdigest()


def command_of(stop: Stop) -> str:
    """The command that sets a stop again."""
    word = {"watchpoint": "watch", "catchpoint": "catch"}.get(stop.kind, "break")
    if stop.temporary:
        word = "tcatch" if stop.kind == "catchpoint" else "tbreak"
    parts = [word, stop.what]
    if stop.cpu is not None:
        parts.append(f"cpu {stop.cpu}")
    if stop.thread_name:
        parts.append(f"thread {stop.thread_name}")
    if stop.condition_text:
        parts.append(f"if {stop.condition_text}")
    return " ".join(parts)
