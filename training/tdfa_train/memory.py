"""Memory of the C library."""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> None:
    """
    On Linux, freed tensors stay with the process: a CPU run allocates the same megabytes at every step, and giving them back
    each time costs a third of its time in page faults. No effect where mallopt does not exist.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, 1 << 30)
        mallopt(TRIM_THRESHOLD, 2**31 - 1)
