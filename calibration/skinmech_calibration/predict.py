"""What a therapy will do, with how sure we are."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from skinmech.numerics import Status
from skinmech.protocol import Protocol
from skinmech.schedule import schedule
from skinmech.settings import Setting

from .engine import Case, engine, padded_plans, padded_times
from .errors import CalibrationError, raise_all
from .names import nearest
from .posterior import Posterior

LEVELS = (0.5, 0.8, 0.9, 0.95)
_FAR = 2.5  # spreads of the prior beyond which a donor is called unusual
_NOISY = 64  # noise draws for each parameter draw


class PredictionError(RuntimeError):
    """No draw could be simulated; the message says why."""


@dataclasses.dataclass(frozen=True)
class Prediction:
    """Predicted observables over time.

    Attributes:
        times: Days, shape (time,).
        units: Unit by observable.
        draws: Values of every draw that could be simulated, by observable, shape (draw, time).
        centre: Values at the centre of the posterior, by observable, shape (time,); NaN if that
            simulation failed.
        noisy: The draws with measurement noise added, several for each, shape (draw', time).
        parameters: Paths to values of every draw that could be simulated.
        num_failed: Draws that could not be simulated and are left out.
        failures: Why, in words, with counts.
        out_of_range: Why the case lies outside what was fitted; empty where it does not.
    """

    times: np.ndarray
    units: dict[str, str]
    draws: dict[str, np.ndarray]
    centre: dict[str, np.ndarray]
    noisy: dict[str, np.ndarray]
    parameters: tuple[dict[str, float], ...]
    num_failed: int
    failures: tuple[str, ...]
    out_of_range: tuple[str, ...]

    @property
    def is_in_range(self) -> bool:
        """Whether patient and regimen are like what was fitted."""
        return not self.out_of_range

    def median(self, observable: str) -> np.ndarray:
        """Median over the draws, shape (time,)."""
        return np.median(self._of(self.draws, observable), axis=0)

    def band(
        self, observable: str, level: float = 0.9, *, measurement: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Central interval from parameter uncertainty, and from measurement noise if asked for.

        Args:
            observable: Its name.
            level: Probability inside.
            measurement: Whether the interval is for a new reading (true) or for the truth.

        Returns:
            Lower and upper limit, shape (time,) each.
        """
        if not 0 < level < 1:
            raise CalibrationError(f"Expected a level between 0 and 1, got {level}.")
        values = self._of(self.noisy if measurement else self.draws, observable)
        low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        return low, high

    def bands(
        self, observable: str, *, measurement: bool = False
    ) -> dict[float, tuple[np.ndarray, np.ndarray]]:
        """Intervals at 50, 80, 90 and 95 %, by level."""
        return {level: self.band(observable, level, measurement=measurement) for level in LEVELS}

    def change(self, observable: str) -> np.ndarray:
        """Relative change from the first time, by draw, shape (draw, time)."""
        values = self._of(self.draws, observable)
        return values / values[:, :1] - 1.0

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain row for each observable and time, for tables."""
        rows = []
        for name, unit in self.units.items():
            middle, bands = self.median(name), self.bands(name)
            noisy = self.bands(name, measurement=True)
            for i, time in enumerate(self.times):
                row: dict[str, Any] = {"observable": name, "unit": unit, "day": float(time),
                                       "median": float(middle[i])}  # fmt: skip
                for level in LEVELS:
                    row[f"low_{level:g}"] = float(bands[level][0][i])
                    row[f"high_{level:g}"] = float(bands[level][1][i])
                    row[f"reading_low_{level:g}"] = float(noisy[level][0][i])
                    row[f"reading_high_{level:g}"] = float(noisy[level][1][i])
                rows.append(row)
        return rows

    def _of(self, values: dict[str, np.ndarray], observable: str) -> np.ndarray:
        if observable not in values:
            raise CalibrationError(
                f"Unrecognized observable: '{observable}'.{nearest(observable, values)}"
            )
        return values[observable]


def predict(
    posterior: Posterior,
    protocol: Protocol,
    setting: Setting,
    observables: Sequence[str],
    times: Sequence[float],
    *,
    draws: int = 32,
    seed: int = 0,
    start: Any = None,
    experiment: str | None = None,
    parameters: dict[str, float] | None = None,
    weight: float | None = None,
) -> Prediction:
    """Predict what a protocol does to the donor of a posterior.

    Every therapy uses the same compiled program and, with the same seed, the same draws of
    parameters, so that therapies can be compared draw by draw.

    Args:
        posterior: What is known about the donor.
        protocol: What is done.
        setting: Where the tissue lives.
        observables: What to report.
        times: Days to report.
        draws: Draws of parameters; the centre is run besides.
        seed: Of the draws and the noise.
        start: As in `Experiment`; default that of `experiment`, else of the first one fitted.
        experiment: Use the study parameters of this experiment of the fit.
        parameters: Paths to further values for this prediction.
        weight: Body weight [kg].

    Raises:
        CalibrationError: what does not make sense, every problem listed.
        PredictionError: no draw could be simulated.
    """
    days = _check(posterior, protocol, observables, times, draws)
    if start is None:
        start = _default_start(posterior, experiment)
    machine = engine(posterior.model)
    plan = padded_plans([schedule(posterior.model, protocol, setting, weight=weight)])[0]
    saved = padded_times([days], posterior.model.system.factor("day"))[0]
    changes = [posterior.parameters(experiment), *posterior.draws(draws, seed, experiment)]
    changes = [one | (parameters or {}) for one in changes]
    guess = machine.guess(start)
    outcomes = machine.run([Case(machine.flat(one), plan, guess, saved) for one in changes])

    good = [i for i in range(1, draws + 1) if outcomes[i].status == Status.OK]
    failures = _failures([outcome.status for outcome in outcomes[1:]])
    if not good:
        raise PredictionError(
            f"None of {draws} draws could be simulated. {' '.join(failures)} Check the start "
            "state, and whether the posterior reaches bounds of parameters."
        )
    specs = posterior.model.observables()
    column = {name: machine.observables.index(name) for name in observables}
    count = len(days)
    values = {
        name: np.stack([outcomes[i].values[:count, k] for i in good]) for name, k in column.items()
    }
    random = np.random.default_rng([seed, 1])
    return Prediction(
        times=days,
        units={name: specs[name].unit for name in observables},
        draws=values,
        centre={name: outcomes[0].values[:count, k] for name, k in column.items()},
        noisy={name: _with_noise(v, specs[name], random) for name, v in values.items()},
        parameters=tuple(changes[i] for i in good),
        num_failed=draws - len(good),
        failures=failures,
        out_of_range=_out_of_range(posterior, protocol, setting, values),
    )


def _check(
    posterior: Posterior, protocol: Protocol, observables: Any, times: Any, draws: int
) -> np.ndarray:
    known = posterior.model.observables()
    found = [f"Unrecognized observable: '{n}'.{nearest(n, known)}" for n in observables
             if n not in known]  # fmt: skip
    if not observables:
        found.append("Expected at least one observable, got none.")
    if draws < 2:
        found.append(f"Expected at least 2 draws, got {draws}.")
    days = np.unique(np.asarray(times, float))
    if not (len(days) and np.all(np.isfinite(days))):
        found.append("Expected at least one time, all of them finite.")
    else:
        try:
            if days[0] < 0 or days[-1] > protocol.days:
                found.append(
                    f"Times reach from day {days[0]:g} to {days[-1]:g}, the protocol from 0 to "
                    f"{protocol.days:g}. Lengthen the protocol or check the times."
                )
        except ValueError as error:
            found.append(str(error))
    raise_all(found)
    return days


def _default_start(posterior: Posterior, experiment: str | None) -> str:
    name = experiment or next(iter(posterior.studied))
    start = posterior.studied[name].start
    if start == "given":
        raise CalibrationError(
            f"Experiment '{name}' began from a state that the posterior does not keep; pass start."
        )
    return start


def _failures(statuses: Sequence[Status]) -> tuple[str, ...]:
    failed = [status for status in statuses if status != Status.OK]
    return tuple(f"{failed.count(s)} of {len(statuses)} draws: {s.text}"
                 for s in sorted(set(failed)))  # fmt: skip


def _with_noise(values: np.ndarray, spec: Any, random: np.random.Generator) -> np.ndarray:
    many = np.repeat(values, _NOISY, axis=0)
    error = spec.noise_size * random.standard_normal(many.shape)
    return many * np.exp(error) if spec.noise == "proportional" else many + error


def _out_of_range(
    posterior: Posterior, protocol: Protocol, setting: Setting, values: dict[str, np.ndarray]
) -> tuple[str, ...]:
    """Reasons why a prediction goes beyond what was fitted."""
    studied = posterior.studied.values()
    specs = posterior.model.observables()
    said = []
    spread = posterior.free.prior_spread(posterior.mean)
    for i, m in enumerate(posterior.free.members):
        centre = m.to_coordinate(m.prior.location)
        far = abs(posterior.mean[i] - centre) / spread[i]
        if far > _FAR:
            said.append(f"{m.name} lies {far:.1f} spreads from its prior's centre.")
    if setting.kind not in {one.setting for one in studied}:
        said.append(f"Nothing was fitted in the setting '{setting.kind}'.")
    seen = {drug for one in studied for drug in one.drugs}
    given = [drug.name for drug in protocol.drugs()]
    if any(step.kind == "light" for step in protocol.steps()):
        given.append("ultraviolet")
    said += [f"No experiment of the fit had {name}." for name in given if name not in seen]
    longest = max((one.days for one in studied), default=0.0)
    if protocol.days > 2.0 * longest:
        said.append(
            f"The protocol lasts {protocol.days:g} days, the longest one fitted {longest:g}."
        )
    for name, drawn in values.items():
        ranges = [one.ranges[name] for one in studied if name in one.ranges]
        if not ranges:
            said.append(f"{name} was not among the data fitted.")
            continue
        low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
        middle = np.median(drawn, axis=0)
        if _is_beyond(middle, low, high, specs[name].noise == "proportional"):
            said.append(
                f"{name} is predicted from {np.min(middle):.3g} to {np.max(middle):.3g}, the data "
                f"reached from {low:.3g} to {high:.3g}."
            )
    return tuple(said)


def _is_beyond(values: np.ndarray, low: float, high: float, is_relative: bool) -> bool:
    """Whether any value leaves the range by more than a quarter of it (of its logarithm)."""
    if is_relative and low > 0:
        values = np.log(np.maximum(values, 1e-300))
        low, high = float(np.log(low)), float(np.log(high))
        margin = 0.25 * max(high - low, 1.0)
    else:
        margin = 0.25 * max(high - low, 0.2 * abs(high))
    return bool(np.any(values < low - margin) or np.any(values > high + margin))
