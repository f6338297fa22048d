"""What compiling the search brings: `python -m tests.bench.compiled [KERNEL THREADS CPUS]`.

The wheel with the compiled search (see `hatch_build.py`) is built and put into a directory of its
own. The same search runs with it and without, each in a process of its own, one after the other:
the exit of a process of two threads under the reaper on two CPUs if nothing else is said. Both must
have seen the same; how many times as fast the compiled one is, is printed. Where there is no C
compiler or the wheel cannot be built, that is said.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.bench.exhaustive import Took, told

REPOSITORY: Final = Path(__file__).parents[2]

SEARCH: Final = """
import sys
from exittui.checker import reduced
from tests.bench.exhaustive import search
kernel, threads, cpus = sys.argv[1:]
print(reduced.__file__)
print([*search(kernel, int(threads), int(cpus), float("inf"))])
"""


def built(place: str) -> str:
    """Build the wheel into this directory; what was said if that failed."""
    made = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-deps", "--target", place, str(REPOSITORY)],
        env={**os.environ, "HATCH_BUILD_HOOKS_ENABLE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return made.stdout if made.returncode else ""


def searched(words: list[str], *where: str) -> tuple[Path, Took]:
    """Search with the package found in these places: where its module is, and what was seen."""
    made = subprocess.run(
        [sys.executable, "-c", SEARCH, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(where)},
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    file, took = made.stdout.splitlines()
    return Path(file), Took(*ast.literal_eval(took))


def main(words: list[str]) -> None:
    """See above."""
    words = words or ["reaper", "2", "2"]
    with TemporaryDirectory() as place:
        trouble = built(place)
        if trouble:
            print(f"left out, for the search could not be compiled:\n{trouble}")
            return
        ways = ((str(REPOSITORY),), (place, str(REPOSITORY)))
        (plain, before), (compiled, after) = (searched(words, *where) for where in ways)
    assert (plain.suffix, compiled.suffix) == (".py", ".so"), (plain, compiled)
    for name, took in (("Python", before), ("compiled", after)):
        print(f"{name}: {told(took, None)}")
    if before[:6] != after[:6]:
        raise SystemExit("they have not seen the same")
    print(f"the same, {before.seconds / after.seconds:.2f} times as fast")


if __name__ == "__main__":
    main(sys.argv[1:])
