"""Damage files and read them, each within limits; print what became of every attempt as JSON.

Run as a script with a JSON list of `{key, path, sidecar}` on standard input and, as argument, the
processor seconds to spend on each file (0: all fifty cuts and fifty flips of every file). It is a
process of its own, so that its memory can be limited and no other library is in it.
"""

import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from skinmech_chip_adapters import ChipDataError, ChipRecord, Flag, Sidecar, adapters, read

TRIES = 50
LEAST = 4
CPU_SECONDS = 2.0  # for one file below 1 MB
MEMORY_BYTES = 200 * 2**20
ENDS = Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE
MARKS = Flag.BAD_ROW | Flag.ABORTED


class Hang(BaseException):
    """Too much processor time on one file."""


def values(record: ChipRecord) -> Counter[str]:
    """Everything that was measured, as texts that can be counted."""
    rows: Counter[str] = Counter()
    table = record.measurements
    names = ("observable", "analyte", "chip_id", "plate_id", "well", "value", "censor", "unit")
    for cells in zip(*(table[name] for name in (*names, "flags")), strict=True):
        rows[_token(cells[:-1], int(cells[-1]))] += 1
    for one in record.spectra:
        points = zip(one.frequency_Hz.tolist(), one.z_ohm.tolist(), strict=True)
        for frequency, z in points:
            rows[_token(("z", one.chip_id, one.well, frequency, z), one.flags)] += 1
    for one in record.series:
        points = zip(one.time_s.tolist(), one.value.tolist(), strict=True)
        for time, value in points:
            rows[_token((one.channel, one.observable, time, value), one.flags)] += 1
    return rows


def _token(cells: Any, flags: int) -> str:
    mark = "!!" if flags & ENDS else "!" if flags & MARKS else ""
    return mark + "\x1f".join(map(str, cells))


def remarks(record: ChipRecord) -> set[str]:
    """Warnings and refused blocks."""
    return {f"{row.code} {row.text}" for row in record.log if row.level != "info"}


def verdict(whole: ChipRecord, found: ChipRecord, is_cut: bool) -> str:
    """What became of an attempt that gave a record."""
    before, after = values(whole), values(found)
    if before == after:
        return "same values"
    # A format without an end mark flags its last block always, so that flag need not be new.
    is_marked = (
        bool(remarks(found) - remarks(whole))
        or any(token.startswith("!") for token in after - before)
        or any(token.startswith("!!") for token in after)
    )
    wrong = [one for one in after - before if not one.startswith("!")]
    if is_cut:
        plain = Counter({one.lstrip("!"): 1 for one in before})
        wrong = [one for one in wrong if one not in plain]
        if wrong:
            return f"WRONG: {sorted(wrong)[0]!r} is not in the whole file"
        return "part, flagged" if is_marked else "SILENTLY SHORTER"
    if after.total() < before.total():
        return "part, flagged" if is_marked else "SILENTLY SHORTER"
    return "other characters, flagged" if is_marked else "other characters read as such"


def damaged(content: bytes, tries: int, seed: str) -> list[tuple[str, int, bytes]]:
    """Cuts and flips at random places, the same ones every time."""
    places = random.Random(seed)
    found = []
    for _ in range(tries):
        cut = places.randrange(len(content))
        found.append(("cut", cut, content[:cut]))
        flip, change = places.randrange(len(content)), places.randrange(1, 256)
        flipped = bytearray(content)
        flipped[flip] ^= change
        found.append(("flip", flip, bytes(flipped)))
    return found


def try_once(path: Path, content: bytes, sidecar: Sidecar) -> ChipRecord | str:
    """The record, or in a word why there is none."""
    path.write_bytes(content)
    limit_memory()
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        return read(path, sidecar)
    except ChipDataError:
        return "refused"
    except Hang:
        return "HANG"
    except Exception as error:
        return f"OTHER EXCEPTION: {error!r}"[:300]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def attempt(job: dict[str, str], seconds: float, folder: Path) -> dict[str, Any]:
    """All attempts on one file."""
    content = Path(job["path"]).read_bytes()
    path = folder / Path(job["path"]).name
    sidecar = Sidecar.from_text(job["sidecar"], folder=folder)
    start = _spent()
    whole = try_once(path, content, sidecar)
    each = max(_spent() - start, 1e-4)
    if isinstance(whole, str):
        return {"key": job["key"], "whole": whole, "cut": {}, "flip": {}, "bad": [whole]}
    tries = TRIES if not seconds else min(TRIES, max(LEAST, int(seconds / each / 2)))
    outcomes = {"cut": Counter(), "flip": Counter()}
    bad, slowest = [], 0.0
    for kind, place, changed in damaged(content, tries, job["key"]):
        start = _spent()
        found = try_once(path, changed, sidecar)
        slowest = max(slowest, _spent() - start)
        word = found if isinstance(found, str) else verdict(whole, found, kind == "cut")
        if word[:2].isupper():
            bad.append(f"{kind} at {place}: {word}")
        outcomes[kind][word.partition(":")[0]] += 1
    return {"key": job["key"], "whole": "read", **outcomes, "bad": bad, "slowest_s": slowest}


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def limit_memory() -> None:
    """What this process holds now and 200 MB more, where the system can say and enforce it."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except (ImportError, OSError):
        return
    size = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (size, resource.RLIM_INFINITY))


def _hang(*_: object) -> None:
    raise Hang


def main(seconds: float) -> None:
    """Read the jobs, and print one line for each file."""
    jobs = json.load(sys.stdin)
    adapters()
    signal.signal(signal.SIGPROF, _hang)
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs:
            print(json.dumps(attempt(job, seconds, Path(folder))), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
