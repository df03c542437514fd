"""A PEtab problem that runs: simulation, likelihood, gradient and fit."""

import copy
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from skinmech.numerics import Status, compiled
from skinmech.numerics.trees import require_float64

from ..errors import InterchangeError, SimulationFailure, refuse
from ..hybrid import Options, Run, run
from ..sbml.simulate import failure, missing_values
from .layout import Layout, lay_out
from .native import NativePredictor
from .priors import log_density
from .read import read_tables
from .tables import Parameter, Prior, Tables

if TYPE_CHECKING:
    from .fit import PetabFit


class Prediction(NamedTuple):
    """What the model says of every measurement.

    Attributes:
        value: Simulated observable.
        sigma: Its noise parameter.
        runs: One an experiment: how the simulation ended.
    """

    value: Float[Array, " row"]
    sigma: Float[Array, " row"]
    runs: Run


class PetabProblem:
    """A parameter estimation problem.

    Attributes:
        tables: What the files say.
        layout: The same as arrays.
        name: Of the file.
        options: Accuracy and limits of the simulations.
    """

    def __init__(self, tables: Tables, name: str = "PEtab problem", options: Options | None = None):
        require_float64()
        self.tables = tables
        self.name = name
        self.layout: Layout = lay_out(tables)
        self.options = options or Options()

    @property
    def nominal(self) -> dict[str, float]:
        """Nominal values on linear scale, of those parameters that have one."""
        return {
            n: one.nominal for n, one in self.tables.parameters.items() if one.nominal is not None
        }

    @property
    def free(self) -> tuple[Parameter, ...]:
        """Parameters to be estimated."""
        return tuple(one for one in self.tables.parameters.values() if one.is_free)

    def with_options(self, **changed: Any) -> "PetabProblem":
        """The same problem simulated with other `rtol`, `atol` or `max_steps`."""
        other = copy.copy(self)
        other.options = self.options._replace(**changed)
        for name in ("_predict_compiled", "_gradient"):  # they hold the options
            vars(other).pop(name, None)
        return other

    def simulate(self, parameters: Mapping[str, float] | None = None) -> Any:
        """Simulate every measurement.

        Args:
            parameters: Values on linear scale by name; others are nominal.

        Returns:
            PEtab's simulation table, a pandas frame: the measurement table with the column
            `simulation` in place of `measurement`.

        Raises:
            InterchangeError: a name is unknown or a value missing.
            SimulationFailure: an experiment could not be simulated; the message says why.
        """
        value, _ = self._predict(parameters)
        table = self.tables.frame.drop(columns="measurement")
        place = list(self.tables.frame.columns).index("measurement")
        table.insert(place, "simulation", value)
        return table

    def log_likelihood(self, parameters: Mapping[str, float] | None = None) -> float:
        """Log likelihood of all readings. Arguments and errors are those of `simulate`."""
        return float(jnp.sum(self.layout.readings.log_likelihood(*self._predict(parameters))))

    def chi2(self, parameters: Mapping[str, float] | None = None) -> float:
        """Sum of squares of the residuals. Arguments and errors are those of `simulate`."""
        return float(np.sum(self.residuals(parameters) ** 2))

    def residuals(self, parameters: Mapping[str, float] | None = None) -> np.ndarray:
        """(simulated - read) / σ of every measurement, on the scale of its noise."""
        return np.asarray(self.layout.readings.residuals(*self._predict(parameters)))

    def log_prior(self, parameters: Mapping[str, float] | None = None) -> dict[str, float]:
        """Log prior density of every free parameter that has one, by name.

        In version 2, where one parameter has a prior, all others are flat between their bounds.
        """
        p = self.vector(parameters)
        return {name: float(f(p[i])) for name, (i, f) in self.priors.items()}

    def log_posterior(self, parameters: Mapping[str, float] | None = None) -> float:
        """Log likelihood plus log prior: the posterior up to a constant."""
        return self.log_likelihood(parameters) + sum(self.log_prior(parameters).values())

    def gradient(
        self, parameters: Mapping[str, float] | None = None, *, scaled: bool = False
    ) -> dict[str, float]:
        """Derivative of the log likelihood with respect to every free parameter, by name.

        Args:
            parameters: As of `simulate`.
            scaled: With respect to the parameter on its scale of estimation, not its value.

        Raises:
            SimulationFailure: an experiment could not be simulated.
        """
        p = self.vector(parameters)
        free = self.native.free
        found = self.native.predict(p, self.options, slopes=True)
        if found is not None and found.value_slopes is not None and found.sigma_slopes is not None:
            by_value, by_sigma = self._likelihood_slopes(found.value, found.sigma)
            slopes = np.asarray(by_value) @ found.value_slopes + by_sigma @ found.sigma_slopes
        else:
            slopes, runs = self._gradient(jnp.asarray(p[free]), jnp.asarray(p))
            self._check(runs, p)
        slopes = np.asarray(slopes)
        if scaled:
            factor = {"lin": lambda x: 1.0, "log": lambda x: x, "log10": lambda x: x * np.log(10)}
            slopes = slopes * [
                factor[one.scale](p[i]) for one, i in zip(self.free, free, strict=True)
            ]
        return {one.id: float(g) for one, g in zip(self.free, slopes, strict=True)}

    def fit(self, **options: Any) -> "PetabFit":
        """Estimate the free parameters from many starts; see `fit_petab` for the options."""
        from .fit import fit_petab

        return fit_petab(self, **options)

    def vector(self, parameters: Mapping[str, float] | None = None) -> np.ndarray:
        """Values of all parameters of the table, in its order.

        Raises:
            InterchangeError: a name is unknown, or a parameter has neither value nor nominal one.
        """
        given = {**self.nominal, **(parameters or {})}
        refuse(
            [
                *(f"'{n}' is not in the parameter table" for n in parameters or {}
                  if n not in self.tables.parameters),
                *(f"'{n}' has no nominal value and none was given" for n in self.layout.names
                  if n not in given),
            ],
            f"{self.name} cannot be simulated with these parameters:",
        )  # fmt: skip
        return np.array([float(given[name]) for name in self.layout.names])

    @functools.cached_property
    def priors(self) -> dict[str, tuple[int, Any]]:
        """Place and log density of every parameter with a prior."""
        has_any = any(one.prior for one in self.free)
        found = {}
        for one in self.free:
            prior = one.prior
            if prior is None and has_any and self.tables.version == 2:
                prior = Prior("uniform", (one.lower, one.upper))
            if prior is not None:
                found[one.id] = (self.layout.names.index(one.id), log_density(one, prior))
        return found

    def predict(self, p: Float[Array, " parameter"]) -> Prediction:
        """Every measurement as a pure function of all parameters (differentiable forward)."""
        layout, options = self.layout, self.options
        mask, value = layout.overrides(p)

        def one(case):
            plan, mask, value = case
            return run(layout.system, options, plan, mask, value, p)

        runs = jax.lax.map(one, (layout.plans, mask, value))
        both = layout.observed(p, runs.y, runs.d, runs.c)
        return Prediction(both[:, 0], both[:, 1], runs)

    @functools.cached_property
    def _predict_compiled(self) -> Any:
        return compiled(self.predict)

    @functools.cached_property
    def native(self) -> NativePredictor:
        """The same by compiled C, where that can be had."""
        free = np.array([self.layout.names.index(one.id) for one in self.free], int)
        return NativePredictor(self.layout, free, self.name)

    @functools.cached_property
    def _likelihood_slopes(self) -> Any:
        def total(value, sigma):
            return jnp.sum(self.layout.readings.log_likelihood(value, sigma))

        return compiled(jax.grad(total, argnums=(0, 1)))

    @functools.cached_property
    def _gradient(self) -> Any:
        free = self.native.free

        def value(x, p):
            found = self.predict(p.at[free].set(x))
            likelihood = self.layout.readings.log_likelihood(found.value, found.sigma)
            return jnp.sum(likelihood), found.runs

        return compiled(jax.jacfwd(value, has_aux=True))

    def _predict(self, parameters: Mapping[str, float] | None) -> tuple[np.ndarray, np.ndarray]:
        """Simulated values and noise of all measurements; JAX's program tells what failed."""
        p = self.vector(parameters)
        native = self.native.predict(p, self.options)
        if native is not None and np.all(native.statuses == Status.OK):
            return native.value, native.sigma
        found = self._predict_compiled(jnp.asarray(p))
        self._check(found.runs, p)
        return np.asarray(found.value), np.asarray(found.sigma)

    def _check(self, runs: Run, p: np.ndarray) -> None:
        """Raise unless every experiment was simulated."""
        statuses = np.asarray(runs.status)
        if np.all(statuses == Status.OK):
            return
        lines = []
        mask, value = self.layout.overrides(jnp.asarray(p))
        for e in np.flatnonzero(statuses != Status.OK):
            one = jax.tree.map(lambda x, e=e: x[e], runs)
            plan = jax.tree.map(lambda x, e=e: x[e], self.layout.plans)
            absent = missing_values(
                self.layout.system, np.asarray(mask)[e], np.asarray(value)[e],
                float(plan.starts[0]), p,
            )  # fmt: skip
            period = min(int(one.period), int(plan.num_periods) - 1)
            label = self.layout.experiments[e]
            text = failure(
                f"Experiment '{label}'" if label else "The experiment", one,
                bool(plan.is_steady[period]),
            )  # fmt: skip
            if absent:
                text += f" There is no start value for {', '.join(absent)}."
            lines.append(text)
        raise SimulationFailure("\n".join(lines))


def read_petab(path: str | Path, **options: Any) -> PetabProblem:
    """Read a PEtab problem of version 1 or 2 with one SBML model.

    Args:
        path: The YAML file.
        options: `rtol`, `atol`, `max_steps` of the simulations.

    Raises:
        InterchangeError: files are missing or contradict each other; every problem is listed.
        UnsupportedError: it uses what is not supported; every feature is named.
        ImportError: a package of the extra is not installed; the message names the extra.
    """
    unknown = set(options) - set(Options._fields)
    if unknown:
        raise InterchangeError(
            f"Unrecognized options: {', '.join(sorted(unknown))}. Expected "
            f"{', '.join(Options._fields)}."
        )
    return PetabProblem(read_tables(path), Path(path).name, Options(**options))
