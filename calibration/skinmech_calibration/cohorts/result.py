"""Reading the file of a cohort, a column at a time."""

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from skinmech.numerics import Status

from .errors import CohortError
from .sealed import is_whole, open_sealed


class CohortFile:
    """A finished cohort; nothing is read before it is asked for.

    Attributes:
        therapies: Names.
        units: Observables and their units.
        count: Patients.
        about: What was kept with it.
        plan: All that its values depend on.
    """

    def __init__(self, path: str | Path):
        """Open a cohort's file and compare it with its sha256.

        Raises:
            CohortError: it is not there, damaged, or no cohort.
        """
        self._open = open_sealed(Path(path))
        self._file: Any = self._open.__enter__()
        if self._file.attrs.get("kind") != "skinmech cohort":
            self.close()
            raise CohortError(f"{Path(path).name} is no cohort. Expected one of 'skinmech cohort'.")
        self.plan = json.loads(self._file["plan"][()])
        self.about = json.loads(self._file["about"][()])
        self.therapies = tuple(one["name"] for one in self.plan["therapies"])
        self.units: dict[str, str] = {name: unit for name, unit in self.plan["observables"]}
        self.count = int(self.plan["patients"]["count"])

    def days(self, therapy: str) -> np.ndarray:
        """Days reported, shape (time,)."""
        return self._table(therapy)["day"][:]

    def values(
        self, therapy: str, observable: str, rows: slice = slice(None)
    ) -> np.ndarray:  # fmt: skip
        """Values in the observable's unit, shape (patient, time); NaN unless the status is OK."""
        return self._column(therapy, observable)[rows]

    def at(self, therapy: str, observable: str, day: float) -> np.ndarray:
        """Values at the reported day nearest to `day`, shape (patient,)."""
        place = int(np.argmin(np.abs(self.days(therapy) - day)))
        return self._column(therapy, observable)[:, place]

    def status(self, therapy: str) -> np.ndarray:
        """How every solve ended, shape (patient,)."""
        return self._table(therapy)["status"][:]

    def is_ok(self, therapy: str) -> np.ndarray:
        """Which patients could be simulated, shape (patient,)."""
        return self.status(therapy) == Status.OK

    def parameters(self) -> dict[str, np.ndarray]:
        """Parameters that differ between patients, by path, shape (patient,)."""
        paths = [one.decode() for one in self._file["parameter_paths"][:]]
        return {path: self._file["parameters"][:, k] for k, path in enumerate(paths)}

    def weights(self) -> np.ndarray:
        """Body weights [kg], shape (patient,); NaN where not known."""
        return self._file["weight"][:]

    def failures(self) -> list[tuple[int, str, str]]:
        """Index of the patient, therapy, and why it failed."""
        table = self._file["failures"]
        columns = (table["patient"][:], table["therapy"][:], table["reason"][:])
        return [
            (int(patient), self.therapies[int(place)], reason.decode())
            for patient, place, reason in zip(*columns, strict=True)
        ]

    def _table(self, therapy: str) -> Any:
        if therapy not in self.therapies:
            raise CohortError(
                f"Unrecognized therapy: '{therapy}'. Expected one of {', '.join(self.therapies)}."
            )
        return self._file[therapy]

    def _column(self, therapy: str, observable: str) -> Any:
        table = self._table(therapy)
        if observable not in self.units:
            raise CohortError(
                f"The cohort does not hold '{observable}'. Expected one of {', '.join(self.units)}."
            )
        return table[observable]

    def close(self) -> None:
        """Let the file go."""
        self._open.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


def open_cohort(path: str | Path) -> CohortFile:
    """Open a finished cohort.

    Raises:
        CohortError: it is not there, damaged, or no cohort.
    """
    return CohortFile(path)


def identity_of(path: Path) -> str:
    """Identity of the cohort in a file; empty where there is none or it is damaged."""
    if not is_whole(path):
        return ""
    with h5py.File(path, "r") as file:
        return str(file.attrs.get("identity", ""))
