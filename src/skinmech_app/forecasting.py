"""Forecasts from a fit: one prediction for each therapy, all from the same draws."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import bridge
from .fit_file import donor_of
from .study import Donor, Forecast

if TYPE_CHECKING:
    from skinmech_calibration import Posterior, Prediction

SCORES = {"atopic": ("easi", "itch_nrs", "tewl"), "psoriatic": ("pasi", "tewl", "itch_nrs"),
          "healthy": ("tewl", "teer", "epidermal_thickness")}  # fmt: skip
POINTS = 33


def posterior_of(content: dict[str, Any]) -> "Posterior":
    """The posterior of a fit file."""
    from skinmech_calibration import Posterior

    from .runtime import model

    return Posterior.from_dict(content["posterior"], model())


def protocols(forecasts: Sequence[Forecast], donor: Donor) -> list[Any]:
    """The protocol of each forecast; every problem in all of them at once.

    Raises:
        UserError: unknown drugs or regimens that cannot be read.
    """
    from .failures import Problem, UserError

    found, wrong = [], list[Problem]()
    for one in forecasts:
        try:
            found.append(bridge.protocol(one.treatments, 7.0 * one.weeks, donor,
                                         where=f"forecast '{one.name}'"))  # fmt: skip
        except UserError as error:
            wrong += error.problems
    if wrong:
        raise UserError(wrong)
    return found


def forecast_all(
    content: dict[str, Any],
    forecasts: Sequence[Forecast],
    observables: Sequence[str] = (),
    *,
    draws: int = 24,
    seed: int = 0,
) -> "dict[str, Prediction]":
    """Predictions by name of the therapy; the same draws of the donor in each.

    Args:
        content: A fit file.
        forecasts: Therapies.
        observables: What to predict; empty: the scores of the donor's disease.
        draws: Draws of the donor's parameters.
        seed: Of the draws.

    Raises:
        UserError: unknown observables, drugs or regimens.
        PredictionError: no draw could be simulated.
    """
    import numpy as np

    import skinmech as sm
    from skinmech_calibration import predict

    from .terminal import progress

    posterior, donor = posterior_of(content), donor_of(content)
    names = list(observables) or list(SCORES[donor.disease])
    bridge.check_observables(posterior.model, names, "--observe")
    plans = protocols(forecasts, donor)
    found = {}
    with progress("forecasting") as report:
        for done, (one, plan) in enumerate(zip(forecasts, plans, strict=True)):
            report(done, len(plans), one.name)
            times = list(np.linspace(0.0, 7.0 * one.weeks, POINTS))
            found[one.name] = predict(
                posterior, plan, sm.in_vivo(), names, times, draws=draws, seed=seed,
                start=donor.disease, weight=donor.weight,
            )  # fmt: skip
        report(len(plans), len(plans), "")
    return found
