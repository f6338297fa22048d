"""Sessions to move about in; a kernel is linked once for all tests of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from exittui.scenario.build import build
from exittui.scenario.library import find
from exittui.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path


class Open(Protocol):
    """Opens a session."""

    def __call__(
        self,
        scenario: str = "three-threads-exit",
        kernel: str = "mpi-2025-05",
        without: tuple[str, ...] = (),
    ) -> Session:
        """A session at its start."""
        ...


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for linked kernels."""
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture
def open_session(kernels: Path) -> Open:
    """Open a session on one of the scenarios that come with the program."""

    def opened(
        scenario: str = "three-threads-exit",
        kernel: str = "mpi-2025-05",
        without: tuple[str, ...] = (),
    ) -> Session:
        return Session(build(find(scenario), kernel, without, cache=kernels))

    return opened


@pytest.fixture
def session(open_session: Open) -> Session:
    """The default scenario under the diff of 2 May 2025."""
    return open_session()
