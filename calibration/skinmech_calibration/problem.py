"""A calibration problem: experiments, free parameters, and residuals as a function of z."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from skinmech.modelling.model import SkinModel
from skinmech.modelling.parameters import ParameterError, Prior, check as check_values
from skinmech.numerics import Status
from skinmech.schedule import schedule
from skinmech.states import DONORS

from . import noise
from .engine import Case, Engine, Outcome, engine, padded_plans, padded_times
from .errors import CalibrationError
from .experiment import Experiment, check
from .free import FreeSet, free_set

PENALTY = 1e3
"""Residual of every value of an experiment that could not be simulated: finite, and far beyond
any residual of a point that could."""


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Residuals at one point.

    Attributes:
        z: The point, shape (free,).
        residuals: Of the data, then of the prior, shape (residual,); `PENALTY` where a simulation
            failed, never NaN.
        jacobian: d residuals / dz, shape (residual, free), or None if not asked for; zero where a
            simulation failed.
        statuses: How the simulation of each experiment ended, by name.
    """

    z: np.ndarray
    residuals: np.ndarray
    jacobian: np.ndarray | None
    statuses: dict[str, Status]

    @property
    def is_ok(self) -> bool:
        """Whether every experiment could be simulated. Only then do residuals mean anything."""
        return all(status == Status.OK for status in self.statuses.values())

    @property
    def cost(self) -> float:
        """Half the sum of squares: minus the log posterior up to a constant."""
        return 0.5 * float(self.residuals @ self.residuals)

    @property
    def explanation(self) -> str:
        """What failed, in words; empty where nothing did."""
        failed = {n: s for n, s in self.statuses.items() if s != Status.OK}
        return " ".join(f"Experiment '{name}': {status.text}" for name, status in failed.items())


@dataclasses.dataclass(frozen=True)
class _Prepared:
    """An experiment as arrays."""

    case: Case
    rows: np.ndarray  # observation -> row of the observable in the values
    weights: np.ndarray  # (observation, time)
    data: noise.Data
    places: np.ndarray  # positions of its free parameters in the flat vector
    columns: np.ndarray  # and their positions in z


class CalibrationProblem:
    """Experiments on one donor (or one average donor), and what is to be learned from them.

    Attributes:
        model: The model.
        experiments: What was measured.
        free: Free parameters.
        base: Values of parameters that differ from the defaults and are not fitted; for a free
            parameter it is the centre of the prior and the first start.
    """

    def __init__(
        self,
        model: SkinModel,
        experiments: Sequence[Experiment],
        free: Sequence[str],
        base: Mapping[str, float] | None = None,
        priors: Mapping[str, Prior] | None = None,
    ):
        """Check everything and lay it out as arrays.

        Args:
            model: The model.
            experiments: What was measured; donor parameters are shared by all of them.
            free: Paths to fit; `"experiment:path"` for a study or setting parameter of one
                experiment.
            base: Paths to values other than the defaults. None: those of the disease in which the
                experiments start (`skinmech.states.DONORS`), if it is one.
            priors: Priors that replace the declared ones, by name of the free parameter.

        Raises:
            CalibrationError: what does not make sense, every problem listed.
        """
        self.model = model
        self.experiments = tuple(experiments)
        given = _donor(self.experiments) if base is None else base
        self.base = {path: float(value) for path, value in given.items()}
        problems: list[str] = []
        names = [one.name for one in self.experiments]
        for step in (
            lambda: check(self.experiments, model),
            lambda: check_values(model.specifications(), self.base),
            lambda: free_set(model.specifications(), free, self.base, names, priors),
        ):
            try:
                step()
            except (CalibrationError, ParameterError) as error:
                problems.append(str(error))
        if problems:
            raise CalibrationError("\n".join(problems))
        self.free: FreeSet = free_set(model.specifications(), free, self.base, names, priors)
        fixed = [
            f"'{path}' is free, but experiment '{one.name}' fixes it; free it as "
            f"'<experiment>:{path}' for the others, or take it out of one of the two."
            for one in self.experiments
            for path in one.parameters
            if any(m.path == path and m.experiment in (None, one.name) for m in self.free.members)
        ]
        if fixed:
            raise CalibrationError("\n".join(fixed))
        self.engine: Engine = engine(model)
        self._prepared = self._prepare()

    def _prepare(self) -> list[_Prepared]:
        plans = padded_plans(
            [schedule(self.model, e.protocol, e.setting, weight=e.weight) for e in self.experiments]
        )
        factor = self.model.system.factor("day")
        times = padded_times([e.times for e in self.experiments], factor)
        prepared = []
        for one, plan, saved in zip(self.experiments, plans, times, strict=True):
            flat = self.engine.flat(self.base | dict(one.parameters))
            mine = [(i, m) for i, m in enumerate(self.free.members)
                    if m.experiment in (None, one.name)]  # fmt: skip
            specs = self.model.observables()
            prepared.append(
                _Prepared(
                    case=Case(flat, plan, self.engine.guess(one.start), saved),
                    rows=np.array([self.engine.observables.index(o.observable)
                                   for o in one.observations]),
                    weights=_weights(one, len(saved)),
                    data=noise.data_of([o.row(specs[o.observable]) for o in one.observations]),
                    places=np.array([self.engine.place(m.path) for _, m in mine], int),
                    columns=np.array([i for i, _ in mine], int),
                )
            )  # fmt: skip
        return prepared

    @property
    def num_data(self) -> int:
        """Values that tell the fit something."""
        return sum(one.num_informative for one in self.experiments)

    @property
    def data_hash(self) -> str:
        """sha256 of all that a fit's outcome depends on."""
        told: dict[str, Any] = {
            "free": [[m.name, dataclasses.asdict(m.prior), m.spec.bounds, m.spec.transform]
                     for m in self.free.members],
            "model": [type(part).__name__ for part in self.model.submodels],
            "experiments": [],
        }  # fmt: skip
        for one, prepared in zip(self.experiments, self._prepared, strict=True):
            digest = hashlib.sha256()
            arrays = (prepared.case, prepared.rows, prepared.weights, prepared.data)
            for leaf in jax.tree.leaves(arrays):
                digest.update(np.ascontiguousarray(leaf).tobytes())
            told["experiments"].append([one.name, digest.hexdigest()])
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def residuals(self, z: Float[Array, " free"]) -> tuple[Float[Array, " residual"], Array]:
        """Residuals at z and the status of every experiment; a pure function, to transform.

        Returns:
            Residuals of the data (experiment by experiment) and of the prior, and status codes,
            shape (experiment,). Residuals are `PENALTY` where a simulation failed.
        """
        natural = self.free.to_natural(z)
        parts, statuses = [], []
        for prepared in self._prepared:
            flat = jnp.asarray(prepared.case.parameters)
            flat = flat.at[prepared.places].set(natural[prepared.columns])
            values, status = self.engine.simulate(prepared.case._replace(parameters=flat))
            fine = jnp.where(status == Status.OK, values, 1.0)
            found = noise.residuals(_predictions(fine, prepared), prepared.data)
            parts.append(jnp.where(status == Status.OK, found, PENALTY))
            statuses.append(status)
        return jnp.concatenate([*parts, self.free.prior_residuals(z)]), jnp.stack(statuses)

    def log_density(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Log posterior density of the coordinates, with constants and the log-determinant.

        -inf where a simulation fails. Pure; for samplers.
        """
        natural = self.free.to_natural(z)
        total = self.free.log_prior(z)
        for prepared in self._prepared:
            flat = jnp.asarray(prepared.case.parameters)
            flat = flat.at[prepared.places].set(natural[prepared.columns])
            values, status = self.engine.simulate(prepared.case._replace(parameters=flat))
            fine = jnp.where(status == Status.OK, values, 1.0)
            found = jnp.sum(noise.log_likelihood(_predictions(fine, prepared), prepared.data))
            total = total + jnp.where(status == Status.OK, found, -jnp.inf)
        return total

    def evaluate(
        self, points: Sequence[np.ndarray], *, with_jacobian: bool = True
    ) -> list[Evaluation]:
        """Residuals, and their Jacobian, at several points by the compiled programs."""
        cases, directions = [], []
        for z in points:
            natural = np.asarray(self.free.to_natural(jnp.asarray(z)))
            slopes = np.asarray(self.free.slopes(jnp.asarray(z)))
            for prepared in self._prepared:
                flat = np.array(prepared.case.parameters)
                flat[prepared.places] = natural[prepared.columns]
                cases.append(prepared.case._replace(parameters=jnp.asarray(flat)))
                along = np.zeros((len(prepared.places), len(flat)))
                along[np.arange(len(along)), prepared.places] = slopes[prepared.columns]
                directions.append(along)
        outcomes = self.engine.run(cases, directions if with_jacobian else None)
        count = len(self._prepared)
        return [
            self._gather(z, outcomes[i * count : (i + 1) * count], with_jacobian)
            for i, z in enumerate(points)
        ]

    def predictions(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """What the model says for every observation, by experiment; NaN where it failed."""
        natural = np.asarray(self.free.to_natural(jnp.asarray(z)))
        cases = []
        for prepared in self._prepared:
            flat = np.array(prepared.case.parameters)
            flat[prepared.places] = natural[prepared.columns]
            cases.append(prepared.case._replace(parameters=jnp.asarray(flat)))
        outcomes = self.engine.run(cases)
        return {
            one.name: np.asarray(_predictions(outcome.values, prepared))
            for one, prepared, outcome in zip(
                self.experiments, self._prepared, outcomes, strict=True
            )
        }

    def _gather(self, z: np.ndarray, outcomes: list[Outcome], with_jacobian: bool) -> Evaluation:
        residuals, rows, statuses = [], [], {}
        for one, prepared, outcome in zip(self.experiments, self._prepared, outcomes, strict=True):
            count = len(prepared.rows)
            jacobian = np.zeros((count, len(z)))
            status = outcome.status
            found = np.full(count, PENALTY)
            if status == Status.OK:
                predicted = np.asarray(_predictions(outcome.values, prepared))
                got, slope = noise.residuals_and_slopes(jnp.asarray(predicted), prepared.data)
                found = np.array(got)
                if outcome.slopes is not None:
                    along = [np.asarray(_predictions(s, prepared)) for s in outcome.slopes]
                    for column, change in zip(prepared.columns, along, strict=True):
                        jacobian[:, column] = np.asarray(slope) * change
                if not (np.all(np.isfinite(found)) and np.all(np.isfinite(jacobian))):
                    status = Status.NONFINITE
                    found, jacobian = np.full(count, PENALTY), np.zeros((count, len(z)))
            statuses[one.name] = status
            residuals.append(found)
            rows.append(jacobian)
        prior, prior_slopes = self._prior(z)
        total = np.vstack([*rows, np.diag(prior_slopes)]) if with_jacobian else None
        return Evaluation(np.asarray(z), np.concatenate([*residuals, prior]), total, statuses)

    def _prior(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        here = jnp.asarray(z, float)
        values, slopes = jax.jvp(self.free.prior_residuals, (here,), (jnp.ones_like(here),))
        return np.asarray(values), np.asarray(slopes)


def _donor(experiments: Sequence[Experiment]) -> Mapping[str, float]:
    """Parameters of the one disease that experiments start from; none for healthy or several."""
    starts = {one.start for one in experiments if isinstance(one.start, str)} - {"healthy"}
    return DONORS.get(starts.pop(), {}) if len(starts) == 1 else {}


def _weights(experiment: Experiment, count: int) -> np.ndarray:
    weights = np.zeros((len(experiment.observations), count))
    times = experiment.times
    for i, observation in enumerate(experiment.observations):
        nodes, share = observation.nodes
        weights[i, np.searchsorted(times, nodes)] += share
    return weights


def _predictions(values: Any, prepared: _Prepared) -> Any:
    """Predicted observations from values, shape (time, observable); padding times are NaN."""
    xp = np if isinstance(values, np.ndarray) else jnp
    used = np.any(prepared.weights != 0, axis=0)[:, None]
    seen = xp.where(used, values, 0.0)
    return xp.sum(prepared.weights * seen[:, prepared.rows].T, axis=1)
