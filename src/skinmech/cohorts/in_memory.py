"""Many virtual patients under one protocol; one that cannot be simulated costs only itself."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..modelling.model import SkinModel
from ..modelling.parameters import ParameterError, check
from ..numerics import Status, in_threads
from ..protocol import Protocol
from ..settings import Setting
from ..simulate import Simulator, simulator
from ..trajectory import Trajectory


@dataclasses.dataclass(frozen=True)
class Cohort:
    """What became of every patient.

    Attributes:
        times: Days, shape (time,).
        values: Every observable in its declared unit, shape (patient, time); NaN in the rows of
            patients whose status is not `Status.OK`.
        status: How each solve ended, shape (patient,).
        explanations: Why, by index of the patient, for those whose status is not OK.
        num_steps: Steps tried for each patient, shape (patient,).
    """

    times: np.ndarray
    values: dict[str, np.ndarray]
    status: np.ndarray
    explanations: dict[int, str]
    num_steps: np.ndarray

    @property
    def is_ok(self) -> np.ndarray:
        """Which patients could be simulated, shape (patient,)."""
        return self.status == Status.OK


def simulate_cohort(
    model: SkinModel | Simulator,
    protocol: Protocol,
    patients: Sequence[Mapping[str, float]],
    *,
    setting: Setting | None = None,
    start: Any = None,
    times: Sequence[float] | None = None,
    weights: Sequence[float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Cohort:
    """Simulate one protocol for many patients, on all cores, by one compiled program.

    Every patient is a solve of its own, so that neither the values nor the steps of one depend on
    another. Parameters are held against their bounds before anything is solved.

    Args:
        model: The model, or its simulator.
        protocol: What is done to each.
        patients: For each patient paths to values in declared units.
        setting: Where the skin lives; default in vivo.
        start: Flat scaled state to start all from, or None: each from its own steady state.
        times: Days to report; default 57 evenly spaced.
        weights: Body weights [kg], for the pharmacokinetics.
        progress: Called with the number of patients done.

    Returns:
        Values, a status for every patient, and the reasons of failures.

    Raises:
        ValueError: `weights` is not as long as `patients`, or there are no patients.
        ProtocolError: the protocol does not make sense.
    """
    engine = model if isinstance(model, Simulator) else simulator(model)
    if not patients or (weights is not None and len(weights) != len(patients)):
        raise ValueError(
            f"Expected at least one patient and one weight for each, got {len(patients)} patients"
            + ("." if weights is None else f" and {len(weights)} weights.")
        )
    refused = {k: why for k, one in enumerate(patients) if (why := _misfit(engine.model, one))}
    sound = [k for k in range(len(patients)) if k not in refused]

    def job(place: int) -> Trajectory:
        k = sound[place]
        return engine.simulate(
            protocol,
            parameters=patients[k],
            setting=setting,
            start=start,
            times=times,
            weight=None if weights is None else weights[k],
            throw=False,
        )

    found = dict(zip(sound, in_threads(job, len(sound), progress), strict=True))
    return _gathered(engine, protocol, times, len(patients), refused, found)


def _misfit(model: SkinModel, patient: Mapping[str, float]) -> str:
    """Why a patient's parameters cannot be simulated; empty where they can."""
    try:
        check(model.specifications(), patient)
    except ParameterError as error:
        return str(error)
    return ""


def _gathered(
    engine: Simulator,
    protocol: Protocol,
    times: Sequence[float] | None,
    count: int,
    refused: dict[int, str],
    found: dict[int, Trajectory],
) -> Cohort:
    days = np.linspace(0, protocol.days, 57) if times is None else np.sort(np.asarray(times, float))
    values = {name: np.full((count, len(days)), np.nan) for name in engine.model.observables()}
    status = np.full(count, int(Status.INVALID_INPUT))
    num_steps = np.zeros(count, int)
    explanations = dict(refused)
    for k, one in found.items():
        status[k], num_steps[k] = int(one.status), one.num_steps
        if one.status != Status.OK:
            explanations[k] = one.status.text
            continue
        for name, rows in values.items():
            rows[k] = one.values[name]
    return Cohort(days, values, status, dict(sorted(explanations.items())), num_steps)
