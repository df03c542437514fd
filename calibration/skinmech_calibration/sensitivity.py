"""Global sensitivity: which parameter moves an output, over the whole prior.

Sobol's indices share out the output's variance: first order is what a parameter does alone, total
is what it does together with all others (Saltelli et al. 2010, Comput Phys Commun 181, 259).
Morris's elementary effects are a cheaper screening of the same question (Morris 1991,
Technometrics 33, 161; Campolongo et al. 2007, Environ Model Softw 22, 1509). Designs and
estimators are SALib's.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from skinmech.numerics import in_threads

from .errors import CalibrationError
from .objective import AbstractObjective
from .problem import CalibrationProblem

METHODS = ("sobol", "morris")
_TRUNCATED = 3.0  # spreads of a prior, beyond which nothing is drawn
_LEVELS = 4  # of Morris's grid

_Four = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Run = Callable[[dict[str, float]], Mapping[str, float]]


@dataclasses.dataclass(frozen=True)
class Sensitivity:
    """What each parameter does to one output.

    Attributes:
        output: The output.
        names: The parameters.
        method: `"sobol"` or `"morris"`.
        first: Sobol's first-order index; Morris's mean effect. Shape (free,).
        total: Sobol's total index; Morris's mean absolute effect.
        error: Half the 95 % interval of `total`, by resampling.
        spread: Standard deviation of Morris's effects (curved or in company); of the output for
            Sobol, the same number for each.
        num_runs: Model evaluations.
        num_failed: Those that gave no number; their block of the design is left out.
    """

    output: str
    names: tuple[str, ...]
    method: str
    first: Float[np.ndarray, " free"]
    total: Float[np.ndarray, " free"]
    error: Float[np.ndarray, " free"]
    spread: Float[np.ndarray, " free"]
    num_runs: int
    num_failed: int

    @property
    def ranking(self) -> tuple[str, ...]:
        """Parameters by total effect, largest first."""
        return tuple(self.names[i] for i in np.argsort(-self.total, kind="stable"))


def sensitivity(
    objective: AbstractObjective,
    run: Run,
    *,
    method: str = "sobol",
    size: int = 64,
    seed: int = 0,
    centre: np.ndarray | None = None,
    spread: np.ndarray | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Sensitivity, ...]:
    """Sensitivity of outputs to the free parameters of an objective.

    Parameters are drawn independently: normal in the coordinate with the prior's spread, cut at
    three spreads and at the bounds; uniform over the box where the prior is flat.

    Args:
        objective: Names the parameters and their prior; it is not evaluated.
        run: Values in declared units by name to outputs by name; NaN where it failed. Called from
            several threads.
        method: `"sobol"`, with size·(free + 2) runs, or `"morris"`, with size·(free + 1).
        size: Rows of the base design (a power of two for Sobol), or trajectories.
        seed: Of the design.
        centre: Coordinates around which is drawn; default the prior's centre.
        spread: Standard deviations in coordinates; default the prior's. With those of a posterior
            the answer is about what is left after the data.
        progress: Called with runs done and runs in all.

    Raises:
        CalibrationError: an unknown method, a size too small, a parameter without prior and
            bounds, outputs that change from run to run, or too many failures.
        ImportError: SALib is not installed; the message names the extra.
    """
    if method not in METHODS or size < 4 or (method == "sobol" and size & (size - 1)):
        raise CalibrationError(
            f"Expected a method among {', '.join(METHODS)} and a size of 4 or more, a power of two "
            f"for sobol; got '{method}' and {size}."
        )
    salib = _salib()
    problem = {"num_vars": len(objective.names), "names": list(objective.names),
               "bounds": [[0.0, 1.0]] * len(objective.names)}  # fmt: skip
    if method == "sobol":
        cube = salib["sobol_sample"].sample(problem, size, calc_second_order=False, seed=seed)
        block = len(objective.names) + 2
    else:
        cube = salib["morris_sample"].sample(problem, size, num_levels=_LEVELS, seed=seed)
        block = len(objective.names) + 1
    z = _quantiles(objective, cube, centre, spread)
    values = objective.to_natural(z)

    def job(index: int) -> Mapping[str, float]:
        return run(dict(zip(objective.names, map(float, values[index]), strict=True)))

    told = progress and (lambda done: progress(done, len(values)))
    rows = in_threads(job, len(values), told)
    outputs = tuple(rows[0])
    if any(set(row) != set(outputs) for row in rows):
        raise CalibrationError("Expected the same outputs from every run; a run gave others.")
    found = []
    for output in outputs:
        y = np.array([row[output] for row in rows], float)
        fine = np.all(np.isfinite(y.reshape(-1, block)), axis=1)
        if fine.sum() < 4:
            raise CalibrationError(
                f"'{output}': {int((~np.isfinite(y)).sum())} of {len(y)} runs gave no number, too "
                "many for an answer. Narrow the spread, or see why they fail."
            )
        kept = np.repeat(fine, block)
        numbers = _indices(salib, method, problem, cube[kept], y[kept], seed)
        found.append(Sensitivity(output, objective.names, method, *numbers, len(y),
                                 int((~np.isfinite(y)).sum())))  # fmt: skip
    return tuple(found)


def skin_outputs(problem: CalibrationProblem, at: Sequence[str] = ()) -> Run:
    """What `sensitivity` runs for the skin model: the last reading of every observable.

    Args:
        problem: The experiments to simulate.
        at: Observables; all that were read if empty.

    Raises:
        CalibrationError: no experiment reads such an observable.
    """
    last: dict[str, tuple[str, int, float]] = {}
    for one in problem.experiments:
        for i, o in enumerate(one.observations):
            name = f"{one.name}: {o.observable}"
            if (not at or o.observable in at) and o.time >= last.get(name, ("", 0, -1.0))[2]:
                last[name] = (one.name, i, o.time)
    missing = [name for name in at if not any(key.endswith(f": {name}") for key in last)]
    if missing:
        raise CalibrationError(f"No experiment reads {', '.join(missing)}.")

    def run(values: dict[str, float]) -> dict[str, float]:
        told = problem.predictions(problem.free.to_coordinates(values))
        return {f"{name} on day {day:g}": float(told[experiment][i])
                for name, (experiment, i, day) in last.items()}  # fmt: skip

    return run


def petab_outputs(objective: Any, at: Sequence[tuple[str, float]]) -> Run:
    """What `sensitivity` runs for a PEtab problem: simulated readings.

    Args:
        objective: A `PetabObjective`.
        at: Observables and times, as rows of the measurement table; the first row of each counts.

    Raises:
        CalibrationError: a pair is not in the measurement table.
    """
    from .interchange import SimulationFailure

    frame = objective.problem.tables.frame
    places: dict[str, int] = {}
    for name, time in at:
        hits = np.flatnonzero((frame["observableId"] == name) & (frame["time"] == time))
        if not hits.size:
            raise CalibrationError(f"'{name}' at {time:g} is not in the measurement table.")
        places[f"{name} at {time:g}"] = int(hits[0])

    def run(values: dict[str, float]) -> dict[str, float]:
        try:
            column = objective.problem.simulate(values)["simulation"].to_numpy()
        except SimulationFailure:
            return dict.fromkeys(places, np.nan)
        return {text: float(column[i]) for text, i in places.items()}

    return run


def _quantiles(
    objective: AbstractObjective, cube: np.ndarray, centre: Any, spread: Any
) -> Float[np.ndarray, "row free"]:
    """Coordinates of points of the unit cube."""
    low, high = objective.bounds
    middle = np.array(objective.start if centre is None else centre, float)
    prior = objective.prior(middle).hessian
    assert prior is not None
    is_flat = (np.diag(prior) == 0.0) & (spread is None)
    sd = np.array(objective.spread(middle) if spread is None else spread, float)
    if not np.all(np.isfinite(sd)):
        lost = [n for n, s in zip(objective.names, sd, strict=True) if not np.isfinite(s)]
        raise CalibrationError(f"{', '.join(lost)}: neither prior nor bounds to draw from.")
    below = np.maximum((low - middle) / sd, -_TRUNCATED)
    above = np.minimum((high - middle) / sd, _TRUNCATED)
    share = norm.cdf(below) + cube * (norm.cdf(above) - norm.cdf(below))
    curved = middle + sd * norm.ppf(np.clip(share, 1e-12, 1 - 1e-12))
    width = np.where(is_flat, high - low, 0.0)
    return np.where(is_flat, np.where(is_flat, low, 0.0) + cube * width, curved)


def _indices(salib: Any, method: str, problem: Any, x: Any, y: Any, seed: int) -> _Four:
    size = len(problem["names"])
    if float(np.std(y)) <= 1e-12 * max(1.0, float(np.max(np.abs(y)))):
        nothing = np.zeros(size)
        return nothing, nothing, nothing, nothing  # a constant has no variance to share out
    if method == "sobol":
        told = salib["sobol_analyze"].analyze(
            problem, (y - y.mean()) / y.std(), calc_second_order=False, seed=seed
        )
        return (np.asarray(told["S1"]), np.asarray(told["ST"]), np.asarray(told["ST_conf"]),
                np.full(size, float(np.std(y))))  # fmt: skip
    told = salib["morris_analyze"].analyze(problem, x, y, num_levels=_LEVELS, seed=seed)
    mean, size_, error, spread = (
        np.asarray(told[k], float) for k in ("mu", "mu_star", "mu_star_conf", "sigma")
    )
    return mean, size_, error, spread


def _salib() -> dict[str, Any]:
    try:
        import SALib.analyze.morris
        import SALib.analyze.sobol
        import SALib.sample.morris
        import SALib.sample.sobol
    except ImportError as error:
        raise ImportError(
            "Sensitivity needs SALib. Install it with: pip install 'skinmech[sensitivity]'"
        ) from error
    return {
        "sobol_sample": SALib.sample.sobol,
        "sobol_analyze": SALib.analyze.sobol,
        "morris_sample": SALib.sample.morris,
        "morris_analyze": SALib.analyze.morris,
    }
