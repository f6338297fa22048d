"""`exittui new`: a small scenario with a script, to be changed into one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from exittui.cli.arguments import new_parser
from exittui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE: Final = '''\
#:schema ./exittui.schema.json
# `exittui schema > exittui.schema.json` writes what an editor needs to help with this file.
title = "A process exits"
description = "sh waits for worker, which computes a little and exits."
kernels = ["reaper", "mpi-2025-05"] # the first is played; see 'exittui list'
cpus = 1

[lesson]
group = "demo" # course, demo or reference
teaches = "what this is for, in one line"
minutes = 2

[[process]]
name = "sh"
waits = true # it may sleep for ever

[[process.thread]]
program = [["wait4", "worker"], ["pause"]]
start = "asleep"

[[process]]
name = "worker"
parent = "sh"

[[process.thread]]
program = [["compute", 3], ["exit", 3]]
start = "cpu0"

[expect]
result = "done"
exits = [{ by = "sh", of = "worker", status = 3 }]

[[script]]
chapter = "The call"

[[script]]
show = ["threads", "worker.0"]

[[script]]
say = """
`worker` is about to call **exit**(3)."""

[[script]]
do = ["tbreak exit1", "continue"]

[[script]]
assert = 'at(cpu0, "exit1")'

[[script]]
ask = "Who holds the kernel lock now?"
kind = "owner" # or value, next, list, sleep
of = "kernel_lock"
because = "exit1() is called with it."

[[script]]
goal = "Step on until worker is dead."
until = "worker.0.p_stat == SDEAD"
hints = ["c goes on to a breakpoint, s makes one step."]
solution = ["seek dead worker.0"]
'''


def command(words: Sequence[str]) -> int:
    """Write the file; one that is there is left alone."""
    arguments = new_parser().read(words)
    if not arguments.file.endswith(".toml") or "\0" in arguments.file:
        raise UsageError(f"{arguments.file!r} does not end in .toml, as scenario files do")
    path = Path(arguments.file)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        raise UsageError(f"{path} is there already") from None
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be written').lower()}") from None
    print(f"{path} is written; 'exittui play {path}' plays it, 'exittui validate {path}' checks it")
    return ExitCode.OK
