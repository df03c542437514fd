"""Virtual patients by index: the same one whoever asks, in whatever order, for how many others.

Every varied parameter has a stream of random numbers of its own, a Philox counter generator
(Salmon 2011, "Parallel random numbers: as easy as 1, 2, 3") keyed by the seed and the parameter's
path; patient i takes its i-th block. So a patient's value depends on seed, path and index alone,
not on chunks, workers, or which other parameters vary. Values follow the prior cut at the bounds,

    value = F⁻¹(F(low) + u (F(high) − F(low))),   u uniform,

by one number each, never by trying again.
"""

import dataclasses
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..modelling.parameters import ParameterError, ParameterSpec

_BLOCK = 4  # numbers of 64 bits that one count of Philox gives


@dataclasses.dataclass(frozen=True)
class Patient:
    """One virtual patient.

    Attributes:
        index: Place in the cohort, from 0 on.
        parameters: Paths to values in declared units.
        weight: Body weight [kg], or None.
    """

    index: int
    parameters: Mapping[str, float]
    weight: float | None = None


@dataclasses.dataclass(frozen=True)
class Varied:
    """How one quantity varies between patients.

    Attributes:
        path: Parameter, or another name such as `"weight"`.
        kind: `"log-normal"` (`spread` of the logarithm) or `"normal"` (`spread` in the unit).
        centre: Median, in the declared unit.
        spread: Standard deviation.
        low: Least value.
        high: Largest value.
    """

    path: str
    kind: str
    centre: float
    spread: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn from.

        Raises:
            ValueError: unknown kind, no positive spread, or a centre outside the bounds.
        """
        fits = self.kind in ("log-normal", "normal") and self.spread > 0
        is_inside = self.low <= self.centre <= self.high and self.low < self.high
        if not fits or not is_inside or (self.kind == "log-normal" and self.centre <= 0):
            raise ValueError(
                f"{self.path}: expected a log-normal or normal spread above zero around a centre "
                f"inside [{self.low:g}, {self.high:g}], got {self.kind} {self.centre:g} with "
                f"spread {self.spread:g}."
            )

    def values(self, seed: int, start: int, stop: int) -> list[float]:
        """Values of patients `start` to `stop - 1`, in the declared unit."""
        from scipy.special import ndtr, ndtri  # a quarter of a second that simulating one can spare

        low, high = (float(ndtr(self._score(edge))) for edge in (self.low, self.high))
        scores = ndtri(low + (high - low) * _uniform(seed, self.path, start, stop))
        return [self._value(float(z)) for z in scores]

    def _score(self, value: float) -> float:
        if self.kind == "normal":
            return (value - self.centre) / self.spread
        if value <= 0:
            return -math.inf
        return (math.log(value) - math.log(self.centre)) / self.spread

    def _value(self, score: float) -> float:
        # Scalar functions of the C library: the same bits whatever the length of the block.
        if self.kind == "normal":
            value = self.centre + self.spread * score
        else:
            value = self.centre * math.exp(self.spread * score)
        return min(max(value, self.low), self.high)


def _uniform(seed: int, path: str, start: int, stop: int) -> np.ndarray:
    """One number strictly between 0 and 1 for each patient."""
    name = hashlib.sha256(path.encode()).digest()[:16]
    key = np.random.SeedSequence([seed, int.from_bytes(name, "little")])
    stream = np.random.Philox(key)
    stream.advance(start)
    raw = stream.random_raw(_BLOCK * (stop - start))[::_BLOCK]
    return (np.asarray(raw >> np.uint64(11), float) + 0.5) * 2.0**-53


@dataclasses.dataclass(frozen=True)
class DrawnPatients:
    """Patients drawn from priors.

    Attributes:
        count: How many.
        seed: Of all draws, from 0 on.
        varied: What varies.
        fixed: Paths to values that all patients share.
        weight: How body weight [kg] varies, the one weight of all, or None.
    """

    count: int
    seed: int
    varied: tuple[Varied, ...]
    fixed: Mapping[str, float] = dataclasses.field(default_factory=dict)
    weight: Varied | float | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Parameters that differ between patients."""
        return tuple(one.path for one in self.varied)

    def block(self, start: int, stop: int) -> list[Patient]:
        """Patients `start` to `stop - 1`."""
        columns = [one.values(self.seed, start, stop) for one in self.varied]
        weights: Sequence[float | None] = [None] * (stop - start)
        if isinstance(self.weight, Varied):
            weights = self.weight.values(self.seed, start, stop)
        elif self.weight is not None:
            weights = [self.weight] * (stop - start)
        return [
            Patient(
                start + k,
                {**self.fixed, **{path: c[k] for path, c in zip(self.paths, columns, strict=True)}},
                weights[k],
            )
            for k in range(stop - start)
        ]

    def part(self, start: int, stop: int) -> "DrawnPatients":
        """What a worker needs to make patients `start` to `stop - 1`: all of it."""
        return self

    def told(self) -> dict[str, Any]:
        """All that the patients depend on, as plain values."""
        return {"kind": "drawn", **dataclasses.asdict(self)}


@dataclasses.dataclass(frozen=True)
class GivenPatients:
    """Patients of a table.

    Attributes:
        parameters: Paths to values, for each patient.
        weights: Body weights [kg], or None where not known.
        codes: Pseudonyms, or empty.
        first: Index of the first of them.
    """

    parameters: tuple[Mapping[str, float], ...]
    weights: tuple[float | None, ...]
    codes: tuple[str, ...] = ()
    first: int = 0

    @property
    def count(self) -> int:
        """How many."""
        return len(self.parameters)

    @property
    def paths(self) -> tuple[str, ...]:
        """Parameters that any patient states."""
        return tuple(dict.fromkeys(path for one in self.parameters for path in one))

    def block(self, start: int, stop: int) -> list[Patient]:
        """Patients `start` to `stop - 1`."""
        return [
            Patient(k, self.parameters[k - self.first], self.weights[k - self.first])
            for k in range(start, stop)
        ]

    def part(self, start: int, stop: int) -> "GivenPatients":
        """What a worker needs to make patients `start` to `stop - 1`."""
        inside = slice(start - self.first, stop - self.first)
        return GivenPatients(self.parameters[inside], self.weights[inside], (), start)

    def told(self) -> dict[str, Any]:
        """All that the patients depend on, as plain values."""
        return {"kind": "given", **dataclasses.asdict(self)}


Patients = DrawnPatients | GivenPatients


def varied(
    specs: Mapping[str, ParameterSpec],
    paths: Sequence[str] | None = None,
    centres: Mapping[str, float] | None = None,
    spreads: Mapping[str, float] | None = None,
) -> tuple[Varied, ...]:
    """How parameters vary by their declared priors.

    Args:
        specs: Of the model.
        paths: Which vary; None: all of scope `"donor"` that the prior lets vary.
        centres: Medians other than the prior's, in declared units.
        spreads: Standard deviations other than the prior's.

    Raises:
        ParameterError: an unknown path or one that cannot vary so; all are listed.
    """
    if paths is None:
        paths = [path for path, spec in specs.items() if spec.scope == "donor"]
    return tuple(_each(specs, paths, centres or {}, spreads or {}))


def _each(
    specs: Mapping[str, ParameterSpec],
    paths: Sequence[str],
    centres: Mapping[str, float],
    spreads: Mapping[str, float],
) -> Iterator[Varied]:
    problems = [f"Unrecognized parameter: '{path}'." for path in paths if path not in specs]
    found = []
    for path in (path for path in paths if path in specs):
        spec = specs[path]
        try:
            found.append(
                Varied(path, spec.prior.kind, centres.get(path, spec.prior.location),
                       spreads.get(path, spec.prior.sd), *spec.bounds)
            )  # fmt: skip
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ParameterError("\n".join(problems))
    yield from found
