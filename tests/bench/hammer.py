"""Keys, clicks, drags and sizes without sense, many of them: `python -m tests.bench.hammer`.

Ends with the first traceback, after naming the scenario, the kernel and the seed that made it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from exittui.scenario.build import build
from exittui.scenario.library import find, names
from exittui.session.session import Session
from tests.tui.hammering import hammer, whole


def main() -> None:
    """Share the count among the scenarios and their kernels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("scenarios", nargs="*")
    asked = parser.parse_args()
    chosen = asked.scenarios or names()
    each = -(-asked.count // len(chosen))
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        os.chdir(folder)
        for number, name in enumerate(chosen):
            scenario = find(name)
            kernel = scenario.kernels[(number + asked.seed) % len(scenario.kernels)]
            session = Session(build(scenario, kernel, (), cache=cache))
            start = session.machine.fingerprint()
            print(f"{name} under {kernel}, seed {asked.seed}: {each}", end=" ", flush=True)
            began = time.perf_counter()
            hammer(session, asked.seed, each)
            whole(session)
            session.machine.goto(0)
            if session.machine.fingerprint() != start:
                raise SystemExit("the start is not what it was")
            print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
