"""A chunk of a cohort: some patients under all therapies, simulated into one sealed file image.

A chunk depends on nothing but its patients, the therapies and the solver, so it may be computed
anywhere and any number of times: the bytes are the same.
"""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from typing import Any

import h5py
import numpy as np

from skinmech.cohorts import Patient, PatientSolver, Therapy
from skinmech.cohorts.patients import Patients
from skinmech.numerics import Status

from .errors import CohortError
from .sealed import sealed_image

REASON_BYTES = 256
"""Length that an explanation of a failure is cut to, in UTF-8."""

_SOLVERS: dict[Any, PatientSolver] = {}
_BUILDING = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Chunk:
    """What a worker gets.

    Attributes:
        start: Index of the first patient.
        stop: Index after the last.
        patients: Those patients, or how they are drawn.
        therapies: All therapies.
        make_solver: Builds the solver, once in each process; hashable, and importable by workers.
        identity: Of the cohort.
        solver: Identity of the solver that the cohort was planned with.
    """

    start: int
    stop: int
    patients: Patients
    therapies: tuple[Therapy, ...]
    make_solver: Callable[[], PatientSolver]
    identity: str
    solver: str

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"patients-{self.start:09d}-{self.stop:09d}.h5"


@dataclasses.dataclass
class Rows:
    """Results of a chunk.

    Attributes:
        values: For each therapy, shape (patient, time, observable).
        status: Shape (patient, therapy).
        num_steps: Shape (patient, therapy).
        parameters: Of each patient, shape (patient, path); NaN where one states none.
        weights: Body weights [kg], shape (patient,); NaN where not known.
        reasons: Patient's index, number of the therapy, and why it failed.
    """

    values: list[np.ndarray]
    status: np.ndarray
    num_steps: np.ndarray
    parameters: np.ndarray
    weights: np.ndarray
    reasons: list[tuple[int, int, str]]


def solver_of(make_solver: Callable[[], PatientSolver]) -> PatientSolver:
    """The solver, built once in this process."""
    with _BUILDING:
        if make_solver not in _SOLVERS:
            _SOLVERS[make_solver] = make_solver()
        return _SOLVERS[make_solver]


def simulate_chunk(chunk: Chunk) -> bytes:
    """Simulate a chunk and give it as the image of its file; what fails is explained inside."""
    rows = rows_of(chunk)
    return sealed_image(lambda file: _fill(file, chunk, rows))


def rows_of(chunk: Chunk) -> Rows:
    """Simulate every patient of a chunk under every therapy.

    Raises:
        CohortError: this process computes otherwise than the one that planned the cohort.
    """
    solver = solver_of(chunk.make_solver)
    if solver.identity != chunk.solver:
        raise CohortError(
            "A worker has another version of the model than the cohort was planned with, or only "
            "one of the two has a C compiler. Install the same versions on all machines, or set "
            "SKINMECH_NATIVE=0 on all."
        )
    patients = chunk.patients.block(chunk.start, chunk.stop)
    paths, units = chunk.patients.paths, solver.units
    count, shape = len(patients), (len(patients), len(chunk.therapies))
    rows = Rows(
        [np.full((count, len(one.times), len(units)), np.nan) for one in chunk.therapies],
        np.full(shape, int(Status.NOT_RUN), np.int8),
        np.zeros(shape, np.int32),
        np.array([[one.parameters.get(path, np.nan) for path in paths] for one in patients])
        .reshape(count, len(paths)),
        np.array([np.nan if one.weight is None else one.weight for one in patients]),
        [],
    )  # fmt: skip
    for k, patient in enumerate(patients):
        _simulate(solver, patient, chunk.therapies, k, rows)
    return rows


def _simulate(
    solver: PatientSolver, patient: Patient, therapies: Sequence[Therapy], k: int, rows: Rows
) -> None:
    """One patient; whatever goes wrong is noted and costs this patient only."""
    try:
        start = solver.begin(patient)
    except (ValueError, RuntimeError, ArithmeticError) as error:
        rows.status[k] = int(Status.INVALID_INPUT)
        rows.reasons += [(patient.index, place, str(error)) for place in range(len(therapies))]
        return
    for place, therapy in enumerate(therapies):
        try:
            found = solver.solve(patient, therapy, start)
        except (ValueError, RuntimeError, ArithmeticError) as error:
            rows.status[k, place] = int(Status.INVALID_INPUT)
            rows.reasons.append((patient.index, place, str(error)))
            continue
        status = found.status
        if status == Status.OK and not np.isfinite(found.values).all():
            status = Status.NONFINITE
        rows.status[k, place], rows.num_steps[k, place] = int(status), found.num_steps
        if status == Status.OK:
            rows.values[place][k] = found.values
        else:
            rows.reasons.append((patient.index, place, status.text))


def _fill(file: h5py.File, chunk: Chunk, rows: Rows) -> None:
    file.attrs["identity"] = chunk.identity
    file.attrs["start"], file.attrs["stop"] = chunk.start, chunk.stop
    for place, values in enumerate(rows.values):
        file[f"values/{place}"] = values
    file["status"], file["num_steps"] = rows.status, rows.num_steps
    file["parameters"], file["weight"] = rows.parameters, rows.weights
    file["failures/patient"] = np.array([one[0] for one in rows.reasons], np.int64)
    file["failures/therapy"] = np.array([one[1] for one in rows.reasons], np.int32)
    texts = [one[2].encode()[:REASON_BYTES].decode("utf-8", "ignore") for one in rows.reasons]
    file["failures/reason"] = np.array([one.encode() for one in texts], f"S{REASON_BYTES}")
