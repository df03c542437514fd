"""Depth profiles of a few therapies at the centre of the fit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import bridge
from ..fit_file import donor_of
from ..forecasting import protocols
from ..plots.depth_map import DepthProfile
from ..study import Forecast

if TYPE_CHECKING:
    from skinmech.trajectory import Trajectory
    from skinmech_calibration import Posterior

POINTS = 57


def simulate_all(
    content: dict[str, Any], posterior: "Posterior", courses: Sequence[Forecast]
) -> "dict[str, Trajectory]":
    """One simulation of each course at the centre of the posterior.

    Raises:
        SimulationError: a simulation failed.
    """
    import skinmech as sm

    donor = donor_of(content)
    values = posterior.parameters()
    start = bridge.steady_start(donor.disease, values)
    found = {}
    for one, plan in zip(courses, protocols(courses, donor), strict=True):
        times = list(np.linspace(0.0, plan.days, POINTS))
        found[one.name] = sm.simulate(
            posterior.model, plan, parameters=values, start=start, times=times, weight=donor.weight
        )  # fmt: skip
    return found


def profile(found: "Trajectory", state: str, grid: str, thickness: str) -> DepthProfile:
    """One state over depth.

    Args:
        found: A simulation.
        state: Path of the state, such as `"cytokines.epidermis[IL-13]"`.
        grid: Grid it lives on.
        thickness: Observable that says how thick the layer is [µm].
    """
    faces = np.asarray(found.model.grids[grid].faces)
    return DepthProfile(found.times, found[thickness][:, None] * faces[None, :],
                        found.field(state))  # fmt: skip
