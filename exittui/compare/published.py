"""What was measured on real machines, for `exittui reproduce`."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Times:
    """What time(1) printed, in seconds."""

    real: float
    user: float
    sys: float

    def relative(self, other: Times) -> Times:
        """How far this is from another, as fractions of the other."""
        return Times(
            self.real / other.real - 1, self.user / other.user - 1, self.sys / other.sys - 1
        )

    def changed(self, off: Times) -> Times:
        """This with each changed by a fraction."""
        return Times(
            self.real * (1 + off.real), self.user * (1 + off.user), self.sys * (1 + off.sys)
        )


@attrs.frozen
class Measurement:
    """Published runs of one workload: under the baseline, and under the kernel it was about."""

    name: str
    source: str
    machine: str
    workload: str
    processes: int
    """How many processes the build is assumed to make; the source does not say."""
    baseline: str
    before: Times
    changed: str
    after: tuple[Times, ...]
    predicted: tuple[str, ...]
    """Kernels that nobody published times of."""


MAIL: Final = Measurement(
    name="mail-2025-05-02",
    source="Rafael Sadowski on tech@, 2 May 2025: Re: Faster _exit(2) for a faster userland",
    machine="AMD Ryzen 7 8845HS: 8 cores, their SMT siblings idle",
    workload="kernel-build",
    processes=10_000,
    baseline="reaper",
    before=Times(136.93, 544.57, 280.55),
    changed="mpi-2025-05",
    after=(Times(125.83, 538.58, 249.35), Times(127.12, 536.06, 256.71)),
    predicted=("mpi-switch", "purge-2025-08"),
)

MEASUREMENTS: Final = {MAIL.name: MAIL}
