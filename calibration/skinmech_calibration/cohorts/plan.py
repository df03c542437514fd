"""What a cohort is: who, under what, by which solver; and its cutting into chunks."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from skinmech.cohorts import GivenPatients, PatientSolver, Therapy
from skinmech.cohorts.patients import Patients

from .chunk import Chunk, solver_of
from .errors import CohortError

FORMAT = 1
_LEAST, _MOST, _CHUNKS = 4, 1024, 256


@dataclasses.dataclass(frozen=True)
class CohortPlan:
    """A cohort that can be run.

    Attributes:
        patients: Drawn, or of a table.
        therapies: What each of them gets.
        make_solver: Builds the solver; a frozen dataclass with `__call__`, or another hashable
            that processes elsewhere can import.
        about: What else is kept with the results, as plain values; not part of the identity.
    """

    patients: Patients
    therapies: tuple[Therapy, ...]
    make_solver: Callable[[], PatientSolver]
    about: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be run.

        Raises:
            CohortError: everything that is wrong.
        """
        problems = []
        if self.patients.count < 1:
            problems.append("Expected at least one patient.")
        if not self.therapies:
            problems.append("Expected at least one therapy.")
        names = [one.name for one in self.therapies]
        problems += [f"Two therapies are named '{n}'." for n in set(names) if names.count(n) > 1]
        problems += [
            f"Unable to use '{one}' as a therapy's name. Expected letters, digits, spaces and "
            "-+_.,:()% only, at most 80."
            for one in names
            if not re.fullmatch(r"[\w\-+., :()%]{1,80}", one) or set(one) == {"."}
        ]
        if problems:
            raise CohortError("\n".join(problems))

    @property
    def solver(self) -> PatientSolver:
        """The solver of this process."""
        return solver_of(self.make_solver)

    def told(self) -> dict[str, Any]:
        """All that the results depend on, as plain values; a table of patients as its hash."""
        patients: dict[str, Any] = self.patients.told()
        if isinstance(self.patients, GivenPatients):
            patients = {"kind": "given", "count": self.patients.count, "sha256": _hash(patients)}
        return {
            "format": FORMAT,
            "patients": patients,
            "therapies": [one.told() for one in self.therapies],
            "observables": [list(one) for one in self.solver.units.items()],
            "solver": self.solver.identity,
        }

    def identity(self) -> str:
        """A hash of `told`."""
        return _hash(self.told())

    def default_size(self) -> int:
        """Patients in a chunk: by the number of patients alone, so that all shards agree."""
        return max(_LEAST, min(_MOST, -(-self.patients.count // _CHUNKS)))

    def chunks(self, size: int, identity: str) -> Iterator[Chunk]:
        """All chunks, in order."""
        for start, stop in edges(self.patients.count, size):
            yield Chunk(start, stop, self.patients.part(start, stop), self.therapies,
                        self.make_solver, identity, self.solver.identity)  # fmt: skip


def edges(count: int, size: int) -> Iterator[tuple[int, int]]:
    """First and last-plus-one patients of all chunks."""
    for start in range(0, count, size):
        yield start, min(start + size, count)


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
