"""Trying bytes that nothing vouches for in a process of their own.

The HDF5 library can end its process on damaged content. A record without its checksum is therefore
read by a child process first; only if that lives is it read here.
"""

import json
import subprocess
import sys

from skinmech_chip_adapters.errors import ChipDataError

SECONDS = 60.0  # on the clock, for a machine under load
CPU_SECONDS = 3  # and one more for every 4 MB
MEMORY_BYTES = 4 * 2**30

_FIELDS = ("code", "file", "locator", "found", "expected", "remedy")
_CHILD = """
import json, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[4]), int(sys.argv[4])))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except ImportError:
    pass
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.store import from_bytes
try:
    from_bytes(sys.stdin.buffer.read(), sys.argv[1])
except ChipDataError as error:
    fields = json.loads(sys.argv[3])
    print(json.dumps([[getattr(one, name) for name in fields] for one in error.errors]))
else:
    print("[]")
"""


def try_in_child(content: bytes, name: str) -> None:
    """Read a record in a child process and throw the result away.

    Args:
        content: HDF5 bytes without a checksum that vouches for them.
        name: File name for messages.

    Raises:
        ChipDataError: What the child found, or `hdf5_damaged` if it died or took too long.
    """
    limits = (str(MEMORY_BYTES), json.dumps(_FIELDS), str(CPU_SECONDS + len(content) // 2**22))
    command = [sys.executable, "-c", _CHILD, name, *limits]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, check=False
        )
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        found = None
    if found is None:
        raise ChipDataError(
            "hdf5_damaged", file=name, found="content that ends or stalls the HDF5 library",
            expected="an undamaged file", remedy="restore it, with its checksum, from a copy",
        )  # fmt: skip
    if found:
        first = dict(zip(_FIELDS, found[0], strict=True))
        raise ChipDataError(first.pop("code"), **first)
