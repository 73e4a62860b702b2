"""What goes in and out of the sockets of this server, and who is there."""

import resource
import sys
from pathlib import Path

from attrs import define


@define
class Traffic:
    """Counted since the process began."""

    frames_in: int = 0
    frames_out: int = 0
    frames_dropped: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def took(self, size: int) -> None:
        self.frames_in += 1
        self.bytes_in += size

    def sent(self, size: int) -> None:
        self.frames_out += 1
        self.bytes_out += size


def memory() -> int:
    """Bytes this process holds in memory; at its most, where the system tells no other."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
