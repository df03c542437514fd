"""From chunks to the one file of a cohort, in memory that does not grow with its size."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .chunk import REASON_BYTES
from .errors import CohortError
from .parts import Parts
from .sealed import open_sealed, write_sealed

_ROOM = 2**20  # bytes for names, attributes and tables of contents
_PER_DATASET = 4096
_TEXT = h5py.string_dtype("utf-8")


def merge_cohort(output: str | Path, *, clear: bool = True) -> Path:
    """Join all chunks of a cohort into its file; the same bytes however it was cut and run.

    Args:
        output: The file; its chunks lie in the folder beside it.
        clear: Delete the chunks afterwards.

    Raises:
        CohortError: chunks are missing or damaged; their patients are listed.
        OSError: no space, or the folder cannot be written to.
    """
    parts = Parts(Path(output))
    if not parts.is_begun:
        raise CohortError(
            f"There is no {parts.folder.name} beside the output. Expected the folder that "
            "'skinmech cohort' writes; run it first, with the same output."
        )
    parts.read()
    missing = [path for path in parts.files if not parts.has(path)]
    if missing:
        shown = ", ".join(path.stem for path in missing[:4])
        raise CohortError(
            f"{len(missing)} of {len(parts.files)} chunks are not there or damaged ({shown}"
            f"{', …' if len(missing) > 4 else ''}). Run the cohort, or those shards, again."
        )
    failures = sum(_num_failures(path) for path in parts.files)
    write_sealed(parts.output, _size(parts, failures), lambda file: _fill(file, parts, failures))
    if clear:
        parts.clear()
    return parts.output


def _num_failures(path: Path) -> int:
    with h5py.File(path, "r") as file:
        return len(file["failures/patient"])  # type: ignore[arg-type]


def _size(parts: Parts, failures: int) -> int:
    therapies, observables = parts.told["plan"]["therapies"], parts.told["plan"]["observables"]
    cells = sum(len(one["times"]) for one in therapies) * len(observables)
    row = 8 * cells + 5 * len(therapies) + 8 * (len(parts.told["paths"]) + 1)
    code = max(map(len, parts.told["codes"]), default=0)
    tables = _PER_DATASET * (len(observables) + 4) * (len(therapies) + 1)
    told = len(json.dumps(parts.told))
    return parts.count * (row + code) + failures * (12 + REASON_BYTES) + tables + 2 * told + _ROOM


def _fill(file: h5py.File, parts: Parts, failures: int) -> None:
    told, count = parts.told, parts.count
    plan = told["plan"]
    names = [one["name"] for one in plan["therapies"]]
    file.attrs["kind"], file.attrs["format"] = "skinmech cohort", plan["format"]
    file.attrs["identity"] = told["identity"]
    _text(file, "plan", json.dumps(plan, sort_keys=True))
    _text(file, "about", json.dumps(told["about"], sort_keys=True))
    _text(file, "therapies", names)
    _text(file, "parameter_paths", told["paths"])
    file.create_dataset("parameters", (count, len(told["paths"])), np.float64)
    file.create_dataset("weight", (count,), np.float64).attrs["unit"] = "kg"
    if told["codes"]:
        file["code"] = np.array([one.encode() for one in told["codes"]])
    for name in names:
        file.create_dataset(f"{name}/status", (count,), np.int8)
        file.create_dataset(f"{name}/num_steps", (count,), np.int32)
    for one in plan["therapies"]:
        file[f"{one['name']}/day"] = np.asarray(one["times"], float)
        for observable, unit in plan["observables"]:
            shape = (count, len(one["times"]))
            data = file.create_dataset(f"{one['name']}/{observable}", shape, np.float64)
            data.attrs["unit"] = unit
    file.create_dataset("failures/patient", (failures,), np.int64)
    file.create_dataset("failures/therapy", (failures,), np.int32)
    file.create_dataset("failures/reason", (failures,), f"S{REASON_BYTES}")
    place = 0
    for path in parts.files:
        with open_sealed(path) as chunk:
            place = _append(file, chunk, names, [one for one, _ in plan["observables"]], place)


def _append(file: Any, chunk: Any, names: list[str], observables: list[str], place: int) -> int:
    start, stop = int(chunk.attrs["start"]), int(chunk.attrs["stop"])
    file["parameters"][start:stop] = chunk["parameters"][:]
    file["weight"][start:stop] = chunk["weight"][:]
    status, num_steps = chunk["status"][:], chunk["num_steps"][:]
    for k, name in enumerate(names):
        file[name]["status"][start:stop] = status[:, k]
        file[name]["num_steps"][start:stop] = num_steps[:, k]
        values = chunk[f"values/{k}"][:]
        for j, observable in enumerate(observables):
            file[name][observable][start:stop] = values[:, :, j]
    found = len(chunk["failures/patient"])
    for column in ("patient", "therapy", "reason"):
        file["failures"][column][place : place + found] = chunk["failures"][column][:]
    return place + found


def _text(file: h5py.File, name: str, text: str | list[str]) -> None:
    file.create_dataset(name, data=text, dtype=_TEXT)
