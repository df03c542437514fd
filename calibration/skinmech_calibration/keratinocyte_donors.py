"""Donor parameters from keratinocytes in a dish, to be carried over to chip and patient.

Each donor has signalling and expression parameters of its own, drawn towards the population by
the declared priors, whose centres are the geometric mean over the donors; the scale of the
imaging assay is one for all. Doses and times that are held back tell how well a donor is
predicted.
"""

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from skinmech.culture_model import culture_model
from skinmech.protocol import Change, Protocol
from skinmech.settings import culture

from .experiment import Experiment, Observation
from .fit import FitResult, fit
from .keratinocyte_data import (
    DOSES,
    MEASURED_GENES,
    MRNA_HOURS,
    PICOGRAMS_PER_UNIT,
    PSTAT1_HOURS,
    DonorData,
)
from .problem import CalibrationProblem

FREE = (
    "signalling.IFNg_half",
    "signalling.sensitivity[pSTAT1]",
    "signalling.feedback[pSTAT1]",
    "signalling.inactivation_rate[pSTAT1]",
    "culture.background[pSTAT1]",
    *(f"expression.gain[{gene}]" for gene in MEASURED_GENES),
    *(f"expression.half[{gene}]" for gene in MEASURED_GENES),
    *(f"expression.power[{gene}]" for gene in MEASURED_GENES),
    "expression.late_weight[CXCL10]",
    "expression.late_weight[CCL5]",
)
_REST_HOURS = 1.0  # in plain medium, before the cytokine is added
_HOUR = 1.0 / 24.0


@dataclasses.dataclass(frozen=True)
class HoldBack:
    """Which conditions a fit may not see; True where held back.

    Attributes:
        pstat1: Shape (dose, time).
        mrna: Shape (dose, time), the same for every gene.
    """

    pstat1: np.ndarray
    mrna: np.ndarray


def hold_back() -> HoldBack:
    """The conditions held back by default: a dose and a time of pSTAT1, a dose of mRNA.

    pSTAT1 at 10 U at all times and at 120 minutes at all doses (16 of 40 values per donor), mRNA
    at 1 U (3 of 18 values per gene and donor).
    """
    pstat1 = np.zeros((len(DOSES), len(PSTAT1_HOURS)), bool)
    pstat1[DOSES.index(10.0)] = True
    pstat1[:, PSTAT1_HOURS.index(2.0)] = True
    mrna = np.zeros((len(DOSES), len(MRNA_HOURS)), bool)
    mrna[DOSES.index(1.0)] = True
    return HoldBack(pstat1, mrna)


@dataclasses.dataclass(frozen=True)
class Prediction:
    """What the model says for all conditions of the study.

    Attributes:
        pstat1: Fluorescence [MFI], shape (dose, time).
        mrna: Fold change, shape (gene, dose, time).
    """

    pstat1: np.ndarray
    mrna: np.ndarray


@dataclasses.dataclass(frozen=True)
class DonorFit:
    """A donor's parameters and what they predict.

    Attributes:
        donor: Number of the donor.
        result: The fit, with posterior and identifiability.
        predicted: At the fitted parameters.
        typical: At the centre of the priors: the donor nothing is known about.
    """

    donor: int
    result: FitResult
    predicted: Prediction
    typical: Prediction

    @property
    def values(self) -> dict[str, float]:
        """Fitted values by path, declared units."""
        return self.result.values


@dataclasses.dataclass(frozen=True)
class HeldBackError:
    """Error on the conditions held back, and the scatter of replicates to judge it by.

    All are root mean squares: of natural logarithms for pSTAT1, of decimal ones for mRNA.

    Attributes:
        donor: Number of the donor.
        pstat1, mrna: Prediction against each replicate; a perfect one gives the spread.
        pstat1_mean, mrna_mean: Prediction against the mean of the replicates.
        pstat1_spread, mrna_spread: Replicates about their mean (n - 1) in the same conditions.
    """

    donor: int
    pstat1: float
    pstat1_mean: float
    pstat1_spread: float
    mrna: float
    mrna_mean: float
    mrna_spread: float


def carry_over(fitted: DonorFit) -> dict[str, float]:
    """The donor's signalling parameters, by path, as the coupled model takes them.

    Scales of the assay and expression in culture stay behind: they belong to the study, or to a
    sub-model the coupled model does not have.
    """
    return {path: value for path, value in fitted.values.items() if path.startswith("signalling.")}


def population(fits: Sequence[DonorFit]) -> dict[str, tuple[float, float]]:
    """Geometric mean and standard deviation of the logarithm over donors, by path."""
    out = {}
    for path in FREE:
        logs = np.log([fitted.values[path] for fitted in fits])
        out[path] = (float(np.exp(logs.mean())), float(logs.std(ddof=1)))
    return out


def held_back_error(
    data: DonorData, predicted: Prediction, held: HoldBack | None = None
) -> HeldBackError:
    """How far a prediction is off where no data were seen, beside the scatter of replicates."""
    held = held or hold_back()
    genes = np.broadcast_to(held.mrna, data.mrna.shape[:3])
    pstat1 = _errors(np.log(predicted.pstat1[held.pstat1]), np.log(data.pstat1[held.pstat1]))
    mrna = _errors(np.log10(predicted.mrna[genes]), np.log10(data.mrna[genes]))
    return HeldBackError(data.donor, *pstat1, *mrna)


def _errors(predicted: np.ndarray, measured: np.ndarray) -> tuple[float, float, float]:
    is_there = ~np.all(np.isnan(measured), axis=-1)
    predicted, measured = predicted[is_there], measured[is_there]
    mean = np.nanmean(measured, axis=-1)
    variance = np.nanvar(measured, axis=-1, ddof=1)
    return (
        math.sqrt(np.nanmean((predicted[:, None] - measured) ** 2)),
        math.sqrt(np.mean((predicted - mean) ** 2)),
        math.sqrt(np.nanmean(variance)),
    )


def donor_problem(
    data: DonorData,
    *,
    held: HoldBack | None = None,
    base: Mapping[str, float] | None = None,
) -> CalibrationProblem:
    """One donor as a calibration problem: one experiment per dose.

    Cells rest in plain medium for an hour, then the dose is added and stays. Conditions held
    back are there as missing values, so that predictions cover them.

    Args:
        data: From `read_donors`.
        held: Conditions not to be used; default `hold_back()`.
        base: Values other than the declared ones, as in `CalibrationProblem`.
    """
    held = held or hold_back()
    experiments = []
    for d, dose in enumerate(DOSES):
        medium = {"inlet_cytokines[IFN-gamma]": dose * PICOGRAMS_PER_UNIT}
        protocol = Protocol(
            f"{max(MRNA_HOURS) + _REST_HOURS + 1.0} hour",
            [Change(at=_REST_HOURS * _HOUR, environment=medium)],
        )
        observations = [
            observation
            for name, hours, values, is_held in _conditions(data, held, d)
            for observation in _observations(name, hours, values, is_held)
        ]
        experiments.append(Experiment(f"{dose:g} U", culture(), protocol, observations))
    return CalibrationProblem(culture_model(), experiments, FREE, base)


def _conditions(
    data: DonorData, held: HoldBack, dose: int
) -> Iterator[tuple[str, float, np.ndarray, bool]]:
    """Observable, hours, replicates and whether held back: pSTAT1 by time, then gene by time."""
    for t, hours in enumerate(PSTAT1_HOURS):
        yield "pSTAT1_MFI", hours, data.pstat1[dose, t], bool(held.pstat1[dose, t])
    for g, gene in enumerate(MEASURED_GENES):
        for t, hours in enumerate(MRNA_HOURS):
            yield f"mRNA_{gene}", hours, data.mrna[g, dose, t], bool(held.mrna[dose, t])


def _observations(
    name: str, hours: float, values: np.ndarray, is_held: bool
) -> Iterator[Observation]:
    """One placeholder, whose prediction stands for the condition, then what was measured."""
    day = (hours + _REST_HOURS) * _HOUR
    yield Observation(name, day, censor="missing")
    if not is_held:
        for value in values[np.isfinite(values)]:
            yield Observation(name, day, float(value))


def predict_conditions(problem: CalibrationProblem, z: np.ndarray) -> Prediction:
    """All conditions of the study at a point of a `donor_problem`."""
    found = problem.predictions(z)
    rows = [
        [value for value, o in zip(found[one.name], one.observations, strict=True)
         if o.censor == "missing"]
        for one in problem.experiments
    ]  # fmt: skip
    table = np.array(rows)  # (dose, condition)
    genes = table[:, len(PSTAT1_HOURS) :].reshape(len(DOSES), len(MEASURED_GENES), -1)
    return Prediction(table[:, : len(PSTAT1_HOURS)], np.moveaxis(genes, 1, 0))


def fit_donor(
    data: DonorData, *, held: HoldBack | None = None, max_iterations: int = 25
) -> DonorFit:
    """Most probable parameters of one donor, from one start at the centre of the priors.

    All donors go through the same compiled programs: the first fit compiles, the others take
    seconds.

    Args:
        data: From `read_donors`.
        held: Conditions not to be used; default `hold_back()`.
        max_iterations: Most accepted steps.

    Raises:
        FitError: the start could not be simulated.
    """
    problem = donor_problem(data, held=held)
    result = fit(problem, starts=1, max_iterations=max_iterations)
    return DonorFit(
        data.donor,
        result,
        predict_conditions(problem, result.z),
        predict_conditions(problem, problem.free.to_coordinates({})),
    )


def fit_donors(
    donors: Sequence[DonorData], *, held: HoldBack | None = None, max_iterations: int = 25
) -> tuple[DonorFit, ...]:
    """`fit_donor` for several donors, in the given order."""
    return tuple(fit_donor(one, held=held, max_iterations=max_iterations) for one in donors)
