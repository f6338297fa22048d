"""A machine is put where another one stood, and goes on like it; large ones are kept so."""

from __future__ import annotations

import pickle
import shutil
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from exittui.errors import InternalError
from exittui.machine import Machine, Random, struct
from exittui.machine.snapshot import restore, take
from exittui.scenario.build import Built, build
from exittui.scenario.library import find, folder
from exittui.scenario.load import parse
from exittui.scenario.play import Play

if TYPE_CHECKING:
    from pathlib import Path

    from exittui.scenario.model import Scenario


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for linked kernels."""
    return tmp_path_factory.mktemp("kernels")


def plain(value: object) -> object:
    """A value with what it points at named, so that two machines can be compared."""
    if isinstance(value, struct):
        return type(value).__name__, value.__dict__["_oid"]
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if isinstance(value, list):
        return [value[0], value[2], value[3], plain(value[1]), *map(plain, value[4:])]
    return value


def everything(machine: Machine) -> list[Any]:
    """All that a machine knows, in the order in which it knows it."""
    memory = machine.memory
    return [
        [(name, plain(value)) for name, value in memory.variables.items()],
        [
            (
                number,
                plain(made),
                plain(made.embedded_in) if made is not None else None,
                [(name, plain(value)) for name, value in (made or struct()).__dict__.items()],
            )
            for number, made in memory.heap.items()
        ],
        [(plain(dead), plain(tuple(f.items()))) for dead, f in memory.graveyard.buried().items()],
        [plain(cpu[0]) for cpu in machine.stacks.cpus],
        machine.fingerprint(),
    ]


def twin(built: Built) -> Machine:
    """Another machine, put where this one stands."""
    machine = Machine(built.machine.image, built.machine.ncpu)
    also = restore(machine, take(built.machine, built.programs))
    assert plain(tuple(also.values())) == plain(tuple(built.programs.values()))
    return machine


@pytest.mark.parametrize(
    "name",
    [
        "three-threads-exit",
        "accounting",
        "kqueue-process",
        "orphans",
        "thread-limit",
        "vfork-exec",
        "zombie-left",
    ],
)
def test_all_that_a_machine_knows_is_restored(name: str, kernels: Path) -> None:
    scenario = find(name)
    built = build(scenario, scenario.kernels[0], cache=kernels)
    machine = twin(built)
    assert everything(machine) == everything(built.machine)
    for one in (built.machine, machine):
        one.run(Random(1), 3000)
    assert machine.recorded == built.machine.recorded > 0
    assert everything(machine) == everything(built.machine)
    for one in (built.machine, machine):
        one.goto(0)
    assert everything(machine) == everything(built.machine)


def test_what_was_freed_before_is_freed() -> None:
    built = build(find("three-threads-exit"), "mpi-2025-05")
    built.machine.run(Random(1), 5000)
    built.machine.start()
    assert built.machine.memory.graveyard.buried()
    assert everything(twin(built)) == everything(built.machine)


def test_nothing_but_plain_values_is_read() -> None:
    built = build(find("three-threads-exit"), "mpi-2025-05")
    with pytest.raises(pickle.UnpicklingError, match="no part of a machine"):
        restore(Machine(built.machine.image, built.machine.ncpu), take(built.machine, print))


def test_a_machine_without_a_past_is_not_taken() -> None:
    built = build(find("three-threads-exit"), "mpi-2025-05", past=False)
    with pytest.raises(InternalError):
        take(built.machine)


@pytest.fixture
def large() -> Scenario:
    """So many threads that the machine is kept."""
    text = (folder() / "thousand-threads.toml").read_text(encoding="utf-8")
    return parse(text.replace("count = 1000", "count = 150"), name="large", file="large.toml")


def kept(folder: Path) -> list[Path]:
    """The machines in a folder."""
    return list(folder.glob("booted-*"))


def no_boot(*_: object) -> None:
    """In the place of what boots, where nothing may."""
    raise AssertionError("it boots")


def test_a_large_machine_is_booted_once(
    large: Scenario, kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(large, "mpi-2025-05", cache=kernels)
    monkeypatch.setattr("exittui.scenario.build._boot", no_boot)
    again = build(large, "mpi-2025-05", cache=kernels)
    assert everything(again.machine) == everything(first.machine)
    assert (again.pids, again.names, again.ticks) == (first.pids, first.names, first.ticks)
    ends = [Play(built, large.run).end() for built in (first, again)]
    assert ends[0] == ends[1]
    assert first.machine.schedule() == again.machine.schedule()
    assert everything(again.machine) == everything(first.machine)


def test_another_scenario_or_kernel_is_booted(large: Scenario, kernels: Path) -> None:
    build(large, "mpi-2025-05", cache=kernels)
    for changed in (
        attrs.evolve(large, cpus=3),
        attrs.evolve(large, sysctl={"kern.maxthread": 400}),
    ):
        found = build(changed, "mpi-2025-05", cache=kernels).machine
        assert found.fingerprint() == build(changed, "mpi-2025-05").machine.fingerprint()
    found = build(large, "reaper", cache=kernels).machine
    assert found.fingerprint() == build(large, "reaper").machine.fingerprint()


@pytest.mark.parametrize("damage", ["shorter", "other"])
def test_a_damaged_machine_is_booted_anew(large: Scenario, kernels: Path, damage: str) -> None:
    first = build(large, "mpi-2025-05", cache=kernels)
    paths = kept(kernels)
    assert paths
    for path in paths:
        data = path.read_bytes()
        half = len(data) // 2
        path.write_bytes(data[:half] + (b"" if damage == "shorter" else b"\0" + data[half + 1 :]))
    again = build(large, "mpi-2025-05", cache=kernels)
    assert everything(again.machine) == everything(first.machine)


def test_a_small_machine_is_not_kept(tmp_path: Path, kernels: Path) -> None:
    for path in kernels.iterdir():
        shutil.copy(path, tmp_path)
    for path in kept(tmp_path):
        path.unlink()
    build(find("three-threads-exit"), "mpi-2025-05", cache=tmp_path)
    assert not kept(tmp_path)
