"""Compiles the search for a wheel, if asked to: `HATCH_BUILD_HOOKS_ENABLE=1 pip install .`.

mypyc makes C of the modules that a search spends its time in, and a C compiler an extension module
of each. They do the same as the Python that they are made of, in half the time; nothing else knows
of them. The checkout stays as it is, so that what is edited there is what runs there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE: Final = "exittui"

COMPILED: Final = (
    "counting",
    "discipline",
    "ending",
    "guards",
    "guesses",
    "live",
    "lookahead",
    "looking",
    "mover",
    "places",
    "postponing",
    "reading",
    "recollection",
    "reduced",
    "requests",
    "scouting",
    "sleeping",
    "slice",
    "standing",
    "stretches",
    "surveying",
)
"""The modules of the checker that are compiled."""


class CompiledSearch(BuildHookInterface[Any]):
    """Puts extension modules beside the Python of the search."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile a copy of the package; not where the checkout itself is to be used.

        Raises RuntimeError with what mypyc or the C compiler said.
        """
        if version == "editable":
            return
        self._made = TemporaryDirectory()
        place = Path(self._made.name)
        shutil.copytree(Path(self.root, PACKAGE), place / PACKAGE)
        modules = [f"{PACKAGE}/checker/{name}.py" for name in COMPILED]
        made = subprocess.run(  # noqa: S603 - the words are these
            [sys.executable, "-m", "mypyc", *modules],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"the search was not compiled:\n{made.stdout}")
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for one in (*place.glob("*.so"), *place.glob(f"{PACKAGE}/**/*.so")):
            build_data["force_include"][str(one)] = str(one.relative_to(place))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clear up."""
        del build_data, artifact_path
        if version != "editable":
            self._made.cleanup()
