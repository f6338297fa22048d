"""sys/param.h 1.146: priorities and sleep flags.

Covers the priorities a sleep is given and the bits that ride on them.
"""

from __future__ import annotations

from typing import Final

PSWP: Final = 0
PVM: Final = 4
PINOD: Final = 8
PRIBIO: Final = 16
PVFS: Final = 20
PZERO: Final = 22
PSOCK: Final = 24
PWAIT: Final = 32
PLOCK: Final = 36
PPAUSE: Final = 40
PUSER: Final = 50
MAXPRI: Final = 127

PRIMASK: Final = 0x0FF
PCATCH: Final = 0x100
PNORELOCK: Final = 0x200

# "Sleep without a limit"; in kern_synch.c the largest unsigned 64 bit number.
INFSLP: Final = 0

NZERO: Final = 20
NPROCESS: Final = 30 + 16 * 80
MAXPROCESS: Final = NPROCESS
MAXTHREAD: Final = 2 * NPROCESS
MAXUPRC: Final = 1024
USPACE_PAGES: Final = 6
