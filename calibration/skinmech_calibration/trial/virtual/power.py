"""Power against the number of patients, with the error of having simulated so many trials."""

import dataclasses
from collections.abc import Callable, Sequence

from ..fit import Population, load_population
from ..predict import SHIPPED
from .design import TrialDesign, with_size
from .pools import Source
from .significance import wilson
from .trials import simulate_trials


@dataclasses.dataclass(frozen=True)
class PowerRow:
    """Power of one arm against the first at one size.

    Attributes:
        arm: Name.
        patients: In all arms together.
        trials: Simulated.
        power: Share of trials that found a difference.
        low: Of its 95 % interval, for the number of trials.
        high: Of its 95 % interval.
        with_uncertainty: Over the population's posterior (assurance) rather than at the best
            parameters (power).
    """

    arm: str
    patients: int
    trials: int
    power: float
    low: float
    high: float
    with_uncertainty: bool


def power_curve(
    design: TrialDesign,
    sizes: Sequence[int],
    population: Population | None = None,
    *,
    trials: int = 400,
    seed: int = 0,
    with_uncertainty: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[PowerRow]:
    """Power of every active arm against the first.

    Args:
        design: The trial; its size is not used.
        sizes: Patients in all arms together.
        population: Default the shipped one.
        trials: Simulated at every size.
        seed: Of all draws.
        with_uncertainty: See `simulate_trials`.
        progress: Called with sizes done and in all.
    """
    source = Source(design, population or load_population(SHIPPED))
    rows = []
    for k, size in enumerate(sizes):
        found = simulate_trials(
            with_size(design, size), population, trials=trials, seed=seed + k,
            with_uncertainty=with_uncertainty, source=source,
        )  # fmt: skip
        for one, count in zip(design.arms[1:], found.significant(), strict=True):
            share, (low, high) = float(count) / trials, wilson(int(count), trials)
            rows.append(PowerRow(one.name, size, trials, share, low, high, with_uncertainty))
        if progress is not None:
            progress(k + 1, len(sizes))
    return rows
