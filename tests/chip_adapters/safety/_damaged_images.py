"""Read a stored record a thousand times with bytes exchanged or its end cut off.

Run as a script: the HDF5 library may end its process. Prints the outcomes as JSON.
"""

import json
import os
import resource
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3]))

from skinmech_chip_adapters import ChipDataError  # noqa: E402  # after the path
from skinmech_chip_adapters.store import from_bytes, to_bytes  # noqa: E402
from tests.chip_adapters._odd_record import odd_record  # noqa: E402

CPU_SECONDS = 2


def damaged(whole: bytes, seed: int) -> bytes:
    """One to seven bytes exchanged; every tenth image also loses its end."""
    random = np.random.default_rng(seed)
    content = bytearray(whole)
    for _ in range(random.integers(1, 8)):
        content[random.integers(len(content))] = random.integers(256)
    if seed % 10 == 0:
        del content[random.integers(len(content)) :]
    return bytes(content)


def outcome(content: bytes) -> str:
    """What reading gives; an exception that is not ours is its repr."""
    try:
        from_bytes(content, "damaged.h5")
    except ChipDataError as error:
        return error.errors[0].code
    except Exception as error:
        return f"other: {error!r}"[:300]
    return "read"


def main(times: int) -> None:
    """A process for each image, as the library may end it or never come back."""
    whole = to_bytes(odd_record())
    outcomes: Counter[str] = Counter()
    for seed in range(times):
        content = damaged(whole, seed)
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.write(theirs, outcome(content).encode())
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as told:
            text = told.read().decode()
        _, status = os.waitpid(child, 0)
        stopped = f"stopped by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else ""
        outcomes[stopped or text] += 1
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(int(sys.argv[1]))
