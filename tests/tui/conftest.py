"""The sessions of tests/session, and the environment in which screens are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.session.conftest import kernels, open_session, session

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["kernels", "open_session", "session"]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests changes a picture, and no file is left behind."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)
