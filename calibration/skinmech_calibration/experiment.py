"""What was measured, on what, under which protocol: the unit a calibration is made of."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skinmech.modelling.model import SkinModel
from skinmech.modelling.ports import ObservableSpec
from skinmech.protocol import Protocol
from skinmech.settings import Setting
from skinmech.states import DONORS

from .errors import CalibrationError
from .names import nearest
from .noise import CENSOR_CODES, EXACT, MASKED, Row

_WINDOW_POINTS = 9  # save points of a collection window: Simpson's rule on eight intervals
_SIMPSON = np.array([1, 4, 2, 4, 2, 4, 2, 4, 1]) / 24.0


@dataclasses.dataclass(frozen=True)
class Observation:
    """One value of one observable.

    Attributes:
        observable: Name of an observable of the model.
        time: Day; with a window, its end.
        value: In the observable's unit; NaN where censored or missing.
        sd: Standard deviation in the unit; None: the observable's own noise model.
        censor: `"none"`, `"left"` (at or below `limit_high`), `"right"` (at or above `limit_low`),
            `"interval"`, `"failed"` or `"missing"`. The last two are kept but tell the fit nothing.
        limit_low: Lower limit, in the unit.
        limit_high: Upper limit, in the unit.
        window: Days from and to which effluent was collected: the value is the mean over them.
        label: Where it came from, for reports.
    """

    observable: str
    time: float
    value: float = math.nan
    sd: float | None = None
    censor: str = "none"
    limit_low: float = math.nan
    limit_high: float = math.nan
    window: tuple[float, float] | None = None
    label: str = ""

    @property
    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Save times [day] and the weights that turn values there into the prediction."""
        if self.window is None:
            return np.array([float(self.time)]), np.ones(1)
        return np.linspace(*self.window, _WINDOW_POINTS), _SIMPSON

    def row(self, spec: ObservableSpec) -> Row:
        """The value with the noise model it is compared by.

        Without an `sd`, a proportional observable is compared in logarithms. A reading of exactly
        zero has no logarithm and is compared as it is, with the noise size as spread.
        """
        is_log = spec.noise == "proportional" and self.sd is None
        code = CENSOR_CODES[self.censor]
        if is_log and code == EXACT and self.value == 0:
            is_log = False
        sd = spec.noise_size if self.sd is None else self.sd
        return Row(code, self.value, self.limit_low, self.limit_high, sd, is_log)


@dataclasses.dataclass(frozen=True)
class Experiment:
    """A protocol in a setting, and what was measured.

    Attributes:
        name: Unique within a problem.
        setting: Where the tissue lives.
        protocol: What is done to it; must last until the last observation.
        observations: What was measured.
        start: State before: `"healthy"`, `"atopic"`, `"psoriatic"` (the steady state near that
            attractor, under the parameters tried), or a flat state from which to search it.
        parameters: Paths to values that hold in this experiment only and are not fitted.
        weight: Body weight [kg], for the pharmacokinetics.
        notes: What was left out when the experiment was made from a record or table.
    """

    name: str
    setting: Setting
    protocol: Protocol
    observations: Sequence[Observation]
    start: Any = "healthy"
    parameters: Mapping[str, float] = dataclasses.field(default_factory=dict)
    weight: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def times(self) -> np.ndarray:
        """Every save time that the observations need [day], ascending."""
        nodes = [observation.nodes[0] for observation in self.observations]
        return np.unique(np.concatenate(nodes)) if nodes else np.zeros(0)

    @property
    def num_informative(self) -> int:
        """Observations that tell the fit something."""
        return sum(CENSOR_CODES.get(o.censor) != MASKED for o in self.observations)

    def problems(self, model: SkinModel) -> list[str]:
        """What is wrong with the experiment, one sentence each."""
        where = f"Experiment '{self.name}'"
        found = [f"{where}, {text}" for o in self.observations for text in _faults(o, model)]
        specs = model.specifications()
        for path, value in self.parameters.items():
            if path not in specs:
                found.append(f"{where}: unrecognized parameter '{path}'.{nearest(path, specs)}")
            elif not specs[path].bounds[0] <= value <= specs[path].bounds[1]:
                found.append(f"{where}: {path} = {value:g} lies outside {specs[path].bounds}.")
        if not self.observations:
            found.append(f"{where} has no observations; give at least one measured value.")
        elif not self.num_informative:
            found.append(
                f"{where}: all {len(self.observations)} observations are failed or missing, so "
                "that it tells nothing. Leave it out, or check how the values were read."
            )
        try:
            days = self.protocol.days
            self.protocol.steps()
        except ValueError as error:
            return [*found, f"{where}, protocol: {error}"]
        if isinstance(self.start, str) and self.start not in DONORS:
            found.append(
                f"{where}: unrecognized start '{self.start}'. Expected one of {', '.join(DONORS)}, "
                "or a flat state."
            )
        times = self.times[np.isfinite(self.times)]
        if len(times) and (times[0] < 0 or times[-1] > days):
            found.append(
                f"{where}: observations reach from day {times[0]:g} to {times[-1]:g}, but the "
                f"protocol from 0 to {days:g}. Lengthen the protocol or check the time unit."
            )
        return found


def _faults(o: Observation, model: SkinModel) -> list[str]:
    known = model.observables()
    name = f"{o.observable} on day {o.time:g}" + (f" ({o.label})" if o.label else "")
    found = []
    if o.observable not in known:
        found.append(f"unrecognized observable '{o.observable}'.{nearest(o.observable, known)}")
    if o.censor not in CENSOR_CODES:
        found.append(f"{name}: censor '{o.censor}' is none of {', '.join(CENSOR_CODES)}.")
    if not math.isfinite(o.time):
        found.append(f"{name}: expected a finite time.")
    if o.window is not None and not o.window[0] < o.window[1]:
        found.append(f"{name}: expected a window that ends after it begins, got {o.window}.")
    if o.censor == "none" and not math.isfinite(o.value):
        found.append(f"{name}: expected a number, got {o.value}; or set censor='missing'.")
    if o.censor == "interval" and not o.limit_low < o.limit_high:
        found.append(f"{name}: expected limit_low < limit_high.")
    if o.sd is not None and not (math.isfinite(o.sd) and o.sd > 0):
        found.append(f"{name}: expected a positive sd, got {o.sd}.")
    spec = known.get(o.observable)
    if spec and spec.noise == "proportional" and o.sd is None and o.value < 0:
        found.append(f"{name}: {o.value:g} is negative, which this quantity cannot be.")
    return found


def check(experiments: Sequence[Experiment], model: SkinModel) -> None:
    """Refuse experiments that do not make sense.

    Raises:
        CalibrationError: every problem, one a line.
    """
    found = [text for one in experiments for text in one.problems(model)]
    names = [one.name for one in experiments]
    found += [f"Two experiments are named '{n}'; names must differ." for n in sorted(set(names))
              if names.count(n) > 1]  # fmt: skip
    found += [f"Experiment name '{n}' holds a colon, which parameter names use." for n in names
              if ":" in n]  # fmt: skip
    if not experiments:
        found.append("Expected at least one experiment, got none.")
    if found:
        raise CalibrationError("\n".join(found))
