"""Save a record over and over in a child, kill it at a random time, look, and do it again.

Run as a script: it forks, which a process with threads should not. Prints the figures as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from skinmech_chip_adapters import ChipDataError, ChipRecord, Measurement, Study, Table, load, save
from skinmech_chip_adapters.files import checksum_path
from skinmech_chip_adapters.schema import Chip


def record_of(study: str, rows: int) -> ChipRecord:
    """A record that takes some time to write."""
    values = np.random.default_rng(rows).normal(size=rows)
    return ChipRecord(
        study=Study(study_id=study),
        chips=Table.of(Chip, [Chip(chip_id="C")]),
        measurements=Table.of(
            Measurement,
            [
                Measurement(measurement_id=f"{i}", chip_id="C", observable="tewl",
                            unit="g/m**2/h", value=value)
                for i, value in enumerate(values)
            ],
        ),
    )  # fmt: skip


def main(path: Path, kills: int, hits: int) -> None:
    """Alternate between two records, so that each kill may meet either being exchanged.

    At least `kills` times, and on a busy machine, where most of a writer's time is spent outside
    the file system, until `hits` of them met a file half put in place (ten times `kills` at
    most).
    """
    old, new = record_of("old", 500), record_of("new", 400)
    times = random.Random(7)
    found = {"kills": 0, "old": 0, "new": 0, "other": 0, "interrupted": 0, "unreadable": []}
    save(old, path)
    start = time.perf_counter()
    save(old, path)
    duration = time.perf_counter() - start
    while found["kills"] < kills or (found["interrupted"] < hits and found["kills"] < 10 * kills):
        child = os.fork()
        if child == 0:
            while True:
                save(new, path)
                save(old, path)
        time.sleep(times.uniform(0.0, min(6 * duration, 0.3)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found["kills"] += 1
        left = any(one.suffix == ".tmp" for one in path.parent.iterdir())
        listed = checksum_path(path).read_text("utf-8").splitlines()
        found["interrupted"] += left or len(listed) > 1
        try:
            record = load(path)
        except ChipDataError as error:
            found["unreadable"].append(str(error))
            continue
        whole = {"old": old, "new": new}.get(record.study.study_id)
        found[record.study.study_id if record == whole else "other"] += 1
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
