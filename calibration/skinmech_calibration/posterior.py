"""The posterior: what is known about the parameters after the data, to sample, save and predict."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skinmech.modelling.model import SkinModel
from skinmech.modelling.parameters import Prior

from .errors import CalibrationError
from .files import read_json, write_json
from .free import FreeParameter, FreeSet
from .noise import CENSOR_CODES, MASKED
from .problem import CalibrationProblem, Evaluation

_KIND = "skinmech posterior"


@dataclasses.dataclass(frozen=True)
class Studied:
    """What one experiment of the fit was, as far as predictions need to know.

    Attributes:
        start: Name of the start state (`"given"` for a flat state).
        parameters: Values that held in it only.
        drugs: Drugs that were given.
        setting: Kind of setting.
        days: Length.
        ranges: Least and largest value by observable.
    """

    start: str
    parameters: dict[str, float]
    drugs: tuple[str, ...]
    setting: str
    days: float
    ranges: dict[str, tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class Posterior:
    """A normal distribution of the coordinates around the best fit (Laplace approximation).

    Attributes:
        model: The model.
        free: The parameters.
        base: Values of the others that differ from the defaults.
        mean: Centre, shape (free,).
        covariance: Shape (free, free).
        studied: The experiments it was learned from, by name.
        data_hash: sha256 of the problem.
    """

    model: SkinModel
    free: FreeSet
    base: Mapping[str, float]
    mean: np.ndarray
    covariance: np.ndarray
    studied: Mapping[str, Studied]
    data_hash: str

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Draws of the coordinates, held to the bounds, shape (n, free)."""
        random = np.random.default_rng(seed)
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        draws = self.mean + random.standard_normal((n, len(self.free))) @ root.T
        return np.clip(draws, *self.free.bounds)

    def to_natural(self, z: np.ndarray) -> np.ndarray:
        """Values in declared units, shape as `z`, parameters last."""
        rows = np.atleast_2d(z)
        out = np.stack([np.asarray(self.free.to_natural(row)) for row in rows])
        return out if np.ndim(z) == 2 else out[0]

    @property
    def values(self) -> dict[str, float]:
        """The centre in declared units, by name."""
        return dict(zip(self.free.names, map(float, self.to_natural(self.mean)), strict=True))

    def parameters(self, experiment: str | None = None) -> dict[str, float]:
        """Paths to values at the centre, with those of one experiment if named."""
        return self._assign(self.to_natural(self.mean), experiment)

    def draws(self, n: int, seed: int = 0, experiment: str | None = None) -> list[dict[str, float]]:
        """Paths to values for each of n draws."""
        return [self._assign(row, experiment) for row in self.to_natural(self.sample(n, seed))]

    def _assign(self, natural: np.ndarray, experiment: str | None) -> dict[str, float]:
        if experiment is not None and experiment not in self.studied:
            known = ", ".join(self.studied)
            raise CalibrationError(f"Unrecognized experiment: '{experiment}'. Known: {known}.")
        values = dict(self.base)
        if experiment is not None:
            values |= self.studied[experiment].parameters
        for member, value in zip(self.free.members, natural, strict=True):
            if member.experiment in (None, experiment):
                values[member.path] = float(value)
        return values

    def summary(self) -> list[dict[str, Any]]:
        """One row for each parameter: prior and posterior centre and 95 % interval, contraction.

        Intervals are in declared units; contraction is 1 - posterior over prior spread.
        """
        spread = self.free.prior_spread(self.mean)
        sd = np.sqrt(np.diag(self.covariance))
        rows = []
        low, high = self.free.bounds
        for i, m in enumerate(self.free.members):
            reach = self.mean[i] + np.array([-1.96, 1.96]) * sd[i]
            prior = m.to_coordinate(m.prior.location) + np.array([-1.96, 1.96]) * spread[i]
            rows.append(
                {
                    "name": m.name, "unit": m.spec.unit, "description": m.spec.description,
                    "scope": m.spec.scope, "prior": m.prior.location,
                    "prior_interval": _reach(m, prior, low[i], high[i]),
                    "value": float(m.to_natural(self.mean[i])),
                    "interval": _reach(m, reach, low[i], high[i]),
                    "contraction": float(1 - sd[i] / spread[i]),
                }
            )  # fmt: skip
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, texts and lists."""
        return {
            "kind": _KIND,
            "free": [{"name": m.name, "path": m.path, "experiment": m.experiment,
                      "prior": dataclasses.asdict(m.prior)} for m in self.free.members],
            "base": dict(self.base),
            "mean": self.mean.tolist(),
            "covariance": self.covariance.tolist(),
            "studied": {name: dataclasses.asdict(one) for name, one in self.studied.items()},
            "data_hash": self.data_hash,
        }  # fmt: skip

    @staticmethod
    def from_dict(told: Mapping[str, Any], model: SkinModel) -> "Posterior":
        """A posterior from what `to_dict` gave, on the model it was fitted with.

        Raises:
            CalibrationError: not a posterior, or of a model with other parameters.
        """
        if told.get("kind") != _KIND:
            raise CalibrationError("Expected a posterior; the content is of another kind.")
        specs = model.specifications()
        lost = [one["path"] for one in told["free"] if one["path"] not in specs]
        if lost:
            raise CalibrationError(
                f"The model has no parameter {', '.join(lost)}; the posterior was made with "
                "another model or version."
            )
        members = tuple(
            FreeParameter(one["name"], one["path"], one["experiment"], specs[one["path"]],
                          Prior(**one["prior"]))
            for one in told["free"]
        )  # fmt: skip
        studied = {
            name: Studied(
                **{**one, "drugs": tuple(one["drugs"]),
                   "ranges": {k: (v[0], v[1]) for k, v in one["ranges"].items()}}
            )
            for name, one in told["studied"].items()
        }  # fmt: skip
        return Posterior(
            model, FreeSet(members), dict(told["base"]), np.array(told["mean"], float),
            np.array(told["covariance"], float), studied, told["data_hash"],
        )  # fmt: skip

    def save(self, path: str | Path) -> None:
        """Write a JSON file, whole or not at all, with its sha256 inside."""
        write_json(path, self.to_dict())

    @staticmethod
    def load(path: str | Path, model: SkinModel) -> "Posterior":
        """Read what `save` wrote.

        Raises:
            CalibrationError: the file is missing, damaged or of another model.
        """
        return Posterior.from_dict(read_json(path), model)


def laplace(problem: CalibrationProblem, found: Evaluation) -> Posterior:
    """The normal approximation at a point, from the Gauss-Newton Hessian.

    Args:
        problem: What was fitted.
        found: At the best point, with Jacobian.

    Raises:
        CalibrationError: a simulation failed there.
    """
    if not found.is_ok or found.jacobian is None:
        raise CalibrationError(f"No posterior at a point that failed. {found.explanation}")
    hessian = found.jacobian.T @ found.jacobian
    covariance = np.linalg.inv(hessian)
    return Posterior(
        model=problem.model, free=problem.free, base=problem.base, mean=found.z,
        covariance=0.5 * (covariance + covariance.T),
        studied={one.name: studied_of(one) for one in problem.experiments},
        data_hash=problem.data_hash,
    )  # fmt: skip


def studied_of(experiment: Any) -> Studied:
    """What predictions need to know of an experiment."""
    ranges: dict[str, tuple[float, float]] = {}
    for one in experiment.observations:
        if CENSOR_CODES[one.censor] == MASKED:
            continue
        seen = [x for x in (one.value, one.limit_low, one.limit_high) if np.isfinite(x)]
        low, high = ranges.get(one.observable, (np.inf, -np.inf))
        ranges[one.observable] = (float(min([low, *seen])), float(max([high, *seen])))
    start = experiment.start if isinstance(experiment.start, str) else "given"
    drugs = tuple(drug.name for drug in experiment.protocol.drugs())
    if any(step.kind == "light" for step in experiment.protocol.steps()):
        drugs = (*drugs, "ultraviolet")
    return Studied(
        start, dict(experiment.parameters), drugs, experiment.setting.kind,
        experiment.protocol.days, ranges,
    )  # fmt: skip


def _reach(member: FreeParameter, z: np.ndarray, low: float, high: float) -> tuple[float, float]:
    a, b = np.clip(z, low, high)
    return float(member.to_natural(a)), float(member.to_natural(b))
