"""sys/event.h 1.73 and sys/eventvar.h 1.17: events, knotes, klists, kqueues.

Simplified: singly linked lists are LISTs here (the dialect has no SLIST; insertion at the head and
removal of a given element mean the same). The hash of a kqueue has one bucket. A klist knows its
mutex, or None for the kernel lock, instead of a table of lock functions (struct klistops).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from exittui.kernel.sys.mutex import IPL_HIGH, mutex
from exittui.kernel.sys.refcnt import refcnt
from exittui.machine.lang import embed, struct
from exittui.machine.queue import LINK, LIST_HEAD, TAILQ_HEAD

if TYPE_CHECKING:
    from exittui.kernel.kern.kern_descrip import filedesc
    from exittui.kernel.sys.proc import process

EVFILT_READ: Final = -1
EVFILT_WRITE: Final = -2
EVFILT_AIO: Final = -3
EVFILT_VNODE: Final = -4
EVFILT_PROC: Final = -5
EVFILT_SIGNAL: Final = -6
EVFILT_TIMER: Final = -7
EVFILT_SYSCOUNT: Final = 10
EVFILT_MARKER: Final = 0xF

EV_ADD: Final = 0x0001
EV_DELETE: Final = 0x0002
EV_ENABLE: Final = 0x0004
EV_DISABLE: Final = 0x0008
EV_ONESHOT: Final = 0x0010
EV_CLEAR: Final = 0x0020
EV_RECEIPT: Final = 0x0040
EV_DISPATCH: Final = 0x0080
EV_SYSFLAGS: Final = 0xF800
EV_FLAG1: Final = 0x2000
EV_EOF: Final = 0x8000
EV_ERROR: Final = 0x4000

NOTE_SIGNAL: Final = 0x08000000
NOTE_EXIT: Final = 0x80000000
NOTE_FORK: Final = 0x40000000
NOTE_EXEC: Final = 0x20000000
NOTE_PCTRLMASK: Final = 0xF0000000
NOTE_PDATAMASK: Final = 0x000FFFFF
NOTE_TRACK: Final = 0x00000001
NOTE_TRACKERR: Final = 0x00000002
NOTE_CHILD: Final = 0x00000004

FILTEROP_ISFD: Final = 0x00000001
FILTEROP_MPSAFE: Final = 0x00000002

KN_ACTIVE: Final = 0x0001
KN_QUEUED: Final = 0x0002
KN_DISABLED: Final = 0x0004
KN_DETACHED: Final = 0x0008
KN_PROCESSING: Final = 0x0010
KN_WAITING: Final = 0x0020

KQ_SLEEP: Final = 0x02
KQ_DYING: Final = 0x04
KQ_TASK: Final = 0x08


class kevent(struct):
    """An event as a program writes and reads it."""

    ident: int = 0
    filter: int = 0
    flags: int = 0
    fflags: int = 0
    data: int = 0
    udata: Any = None


class klist(struct):
    """The knotes that watch one object. kl_mtx guards it, or the kernel lock where it is None."""

    kl_list: LIST_HEAD[knote] = embed(LIST_HEAD)
    kl_mtx: mutex | Any = None


class filterops(struct):
    """The functions of a filter."""

    f_flags: int = 0
    f_attach: Callable[[knote], int] = None  # type: ignore[assignment]  # set when made
    f_detach: Callable[[knote], None] = None  # type: ignore[assignment]  # set when made
    f_event: Callable[[knote, int], int] = None  # type: ignore[assignment]  # set when made
    f_modify: Callable[[kevent, knote], int] = None  # type: ignore[assignment]  # set when made
    f_process: Callable[[knote, kevent | None], int] = None  # type: ignore[assignment]  # set when made


class knote(struct):
    """A watch: one (filter, identifier) pair of one kqueue, and what has happened to it.

    Whoever sets KN_PROCESSING owns it until knote_release() or knote_drop(); others set
    KN_WAITING and sleep on it.
    """

    kn_link: LINK[knote] = None  # kq_lock: in kq_knhash
    kn_selnext: LINK[knote] = None  # the klist's lock
    kn_tqe: LINK[knote] = None  # kq_lock: in kq_head
    kn_kq: kqueue | Any = None
    kn_filter: int = 0
    kn_id: int = 0
    kn_udata: Any = None
    kn_status: int = 0  # kq_lock
    kn_sfflags: int = 0  # the object's lock
    kn_sdata: int = 0
    kn_fflags: int = 0
    kn_flags: int = 0
    kn_data: int = 0
    kn_process: process | Any = None  # kn_ptr.p_process
    kn_fop: filterops | Any = None


class knlist(struct):
    """The one bucket of the hash of a kqueue."""

    knl_list: LIST_HEAD[knote] = embed(LIST_HEAD)


class kqueue(struct):
    """A queue of events. The fields are guarded by kq_lock, kq_next by fd_lock."""

    kq_lock: mutex = embed(mutex, mtx_wantipl=IPL_HIGH, mtx_name="kq_lock")
    kq_head: TAILQ_HEAD[knote] = embed(TAILQ_HEAD)
    kq_count: int = 0
    kq_refcnt: refcnt = embed(refcnt, r_refs=1)
    kq_fdp: filedesc | Any = None
    kq_next: LINK[kqueue] = None
    kq_nknotes: int = 0
    kq_knhash: knlist | Any = None
    kq_state: int = 0
    kq_fd: int = -2  # FD_CLOSED: none yet, or none any more


class kqueue_scan_state(struct):
    """Where a thread is in reading a kqueue: its two markers in the queue."""

    kqs_kq: kqueue | Any = None
    kqs_start: knote = embed(knote, kn_filter=EVFILT_MARKER, kn_status=KN_PROCESSING)
    kqs_end: knote = embed(knote, kn_filter=EVFILT_MARKER, kn_status=KN_PROCESSING)
    kqs_nevent: int = 0
    kqs_queued: int = 0
    kqs_out: tuple[Any, ...] = ()
