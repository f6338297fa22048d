"""What it costs to kill many threads at once, by the thread: it must not grow with their number.

Each shape is run with 100, 1,000 and 10,000 threads, in one process, or in processes of ten, until
all of them are gone; `both` is the scenario `storm` as it is, of 300 processes of ten threads and
one of a thousand. Steps are those of the kernel, so where steps a thread grow, it is the kernel
that does more; where nanoseconds a step grow, it is this program. The ratios are those of the
largest to the smallest. Seconds are those of the processor.

    python tests/bench/storm.py [KERNEL …] [--threads N …] [--shape one|ten …]
"""

from __future__ import annotations

import argparse
import gc
import resource
import subprocess
import sys
import time

import attrs

from exittui.kernel.catalog import KERNELS
from exittui.scenario.build import build, image
from exittui.scenario.library import find
from exittui.scenario.model import MAX_STEPS, Scenario
from exittui.scenario.play import Play

SHAPES = {"one": "thousand-threads", "ten": "storm", "both": "storm"}
SIZES = (100, 1_000, 10_000)


def sized(shape: str, threads: int) -> Scenario:
    """The scenario of a shape with another number of threads."""
    scenario = find(SHAPES[shape])
    if shape == "both":
        return scenario
    shell, worker = scenario.process[:2]
    if shape == "one":
        copies = attrs.evolve(worker.thread[0], count=threads)
        worker = attrs.evolve(worker, thread=(copies,))
        times = 1
    else:
        times = threads // worker.thread[0].count
        worker = attrs.evolve(worker, count=times)
    end = (scenario.expect.exits or ())[0]
    return attrs.evolve(
        scenario,
        process=(shell, worker),
        sysctl={"kern.maxthread": threads + 1000, "kern.maxproc": threads + 1000},
        run=attrs.evolve(scenario.run, max_steps=MAX_STEPS),
        expect=attrs.evolve(scenario.expect, exits=(attrs.evolve(end, times=times),)),
    )


def measure(kernel: str, shape: str, threads: int) -> None:
    """Print the numbers of one run: build seconds, run seconds, steps, MiB."""
    image(kernel, (), None)
    scenario = sized(shape, threads)
    gc.collect()
    gc.freeze()
    before = time.process_time()
    built = build(scenario, kernel)
    ready = time.process_time()
    play = Play(built, scenario.run)
    play.machine.run(play._chooser, MAX_STEPS)  # the end is not timed
    done = time.process_time()
    steps = play.machine.position
    end = play.end()
    assert (end.result, end.unmet) == ("done", ()), end
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(ready - before, done - ready, steps, memory)


def table(kernel: str, shape: str, sizes: list[int]) -> None:
    """Run each size in a process of its own and print a line for it, then the ratios."""
    found = []
    for threads in sizes:
        words = [sys.executable, __file__, "--measure", kernel, shape, str(threads)]
        out = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        boot, run, steps, memory = float(out[0]), float(out[1]), int(out[2]), int(out[3])
        a_thread, a_step = steps / threads, run / steps * 1e9
        found.append((a_thread, a_step, run / threads * 1e6))
        print(
            f"{kernel:16} {shape:4} {threads:7,} {boot:7.2f} {run:7.2f} {steps:11,} {memory:6}"
            f" {a_thread:8.0f} {a_step:7.0f} {run / threads * 1e6:8.0f}"
        )
    ratios = [last / first for first, last in zip(found[0], found[-1], strict=True)]
    print(f"{'':63} {ratios[0]:7.2f}x {ratios[1]:6.2f}x {ratios[2]:7.2f}x")


def main() -> None:
    """Run the sizes asked for and print them as a table."""
    parser = argparse.ArgumentParser(description="bench")
    parser.add_argument("kernels", nargs="*", default=list(KERNELS))
    parser.add_argument("--threads", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--shape", nargs="*", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--measure", nargs=3)
    arguments = parser.parse_args()
    if arguments.measure:
        kernel, shape, threads = arguments.measure
        measure(kernel, shape, int(threads))
        return
    heads = ("kernel", "in", "threads", "build s", "run s", "steps", "MiB")
    line = "{:16} {:4} {:>7} {:>7} {:>7} {:>11} {:>6} {:>8} {:>7} {:>8}"
    print(line.format(*heads, "steps/th", "ns/step", "us/th"))
    for kernel in arguments.kernels:
        for shape in arguments.shape:
            table(kernel, shape, [4_000] if shape == "both" else arguments.threads)


if __name__ == "__main__":
    main()
