"""The design of a trial: arms, strata, visits, who leaves, and how gaps are filled."""

import dataclasses
import math

from ...errors import raise_all
from ...names import nearest
from ..arms import Arm
from ..diseases import Disease

IMPUTATIONS = ("non-responder", "last observation", "as observed")


@dataclasses.dataclass(frozen=True)
class TrialArm:
    """An arm.

    Attributes:
        name: Unique.
        arm: What is done to its patients.
        ratio: Its share in the randomisation.
    """

    name: str
    arm: Arm
    ratio: int = 1


@dataclasses.dataclass(frozen=True)
class Stratum:
    """Patients that are randomised apart from others.

    Attributes:
        name: Unique.
        share: Of all patients.
        weight: Mean body weight [kg], or None: that of the arm.
    """

    name: str
    share: float = 1.0
    weight: float | None = None


@dataclasses.dataclass(frozen=True)
class Rescue:
    """When a patient who does badly is given something else and stops counting.

    Attributes:
        above: Score over baseline above which it may happen at a visit.
        after: Week from which on.
        chance: Probability at such a visit.
    """

    above: float = 1.0
    after: float = 2.0
    chance: float = 0.5


@dataclasses.dataclass(frozen=True)
class TrialDesign:
    """A trial.

    Attributes:
        disease: The disease.
        arms: The first one is the control.
        visits: Weeks, ascending; the last ends the trial.
        size: Patients in all arms together.
        endpoint: Primary endpoint.
        week: Its week, one of `visits`.
        strata: Shares sum to one.
        block: Patients in a permuted block, a multiple of the sum of the ratios.
        dropout: Probability to leave until the last visit; None: as in the fitted population.
        rescue: Or None: there is none.
        imputation: One of `IMPUTATIONS`, for who has left or was rescued.
        alpha: Two-sided level of the test.
    """

    disease: Disease
    arms: tuple[TrialArm, ...]
    visits: tuple[float, ...]
    size: int
    endpoint: str
    week: float
    strata: tuple[Stratum, ...] = (Stratum("all"),)
    block: int = 4
    dropout: float | None = None
    rescue: Rescue | None = None
    imputation: str = "non-responder"
    alpha: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a design that cannot be carried out.

        Raises:
            CalibrationError: everything that is wrong.
        """
        raise_all(self._problems())

    def _problems(self) -> list[str]:
        found = []
        if len(self.arms) < 2 or len({one.name for one in self.arms}) < len(self.arms):
            found.append("Expected at least two arms, each with a name of its own.")
        if any(one.arm.disease.name != self.disease.name for one in self.arms):
            found.append(f"Expected every arm to be of {self.disease.name}.")
        ratios = sum(one.ratio for one in self.arms)
        if min((one.ratio for one in self.arms), default=0) < 1:
            found.append("Expected ratios from 1 on.")
        elif self.block < 1 or self.block % ratios:
            found.append(f"Expected a block of a multiple of {ratios} patients, got {self.block}.")
        if not self.visits or list(self.visits) != sorted(set(self.visits)) or self.visits[0] <= 0:
            found.append("Expected visits in ascending weeks after week 0.")
        if self.week not in self.visits:
            found.append(f"Expected the primary endpoint at a visit, got week {self.week:g}.")
        known = list(self.disease.endpoints)
        if self.endpoint not in known:
            found.append(
                f"unknown endpoint '{self.endpoint}' of {self.disease.name}. Expected one of "
                f"{', '.join(known)}.{nearest(self.endpoint, known)}"
            )
        if self.size < ratios:
            found.append(f"Expected at least {ratios} patients, got {self.size}.")
        shares = [one.share for one in self.strata]
        if not shares or min(shares) <= 0 or not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            found.append("Expected shares of the strata above zero that sum to one.")
        if self.imputation not in IMPUTATIONS:
            found.append(
                f"unknown imputation '{self.imputation}'. Expected one of {', '.join(IMPUTATIONS)}."
            )
        chances = [self.alpha, self.dropout or 0.0, self.rescue.chance if self.rescue else 0.0]
        if any(not 0 <= one <= 1 for one in chances) or self.alpha in (0, 1):
            found.append("Expected alpha, dropout and the chance of rescue between 0 and 1.")
        return found

    @property
    def days(self) -> list[int]:
        """Days of the visits."""
        return [round(7.0 * week) for week in self.visits]

    @property
    def cells(self) -> list[Arm]:
        """What is done in each arm and stratum, strata fastest."""
        return [
            one.arm if stratum.weight is None
            else dataclasses.replace(one.arm, weight=stratum.weight)
            for one in self.arms for stratum in self.strata
        ]  # fmt: skip


def with_size(design: TrialDesign, size: int) -> TrialDesign:
    """The same trial with another number of patients."""
    return dataclasses.replace(design, size=size)
