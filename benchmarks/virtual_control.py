"""`python -m benchmarks.virtual_control`: how often virtual controls cover real placebo arms.

For every open trial of psoriasis and eczema with a placebo arm: its last PASI75 or EASI75 against
the 95 % interval of a virtual control of the same size, once by the population as shipped, which
has seen the arm, and once without any line of that trial. Leaving out is one Gauss-Newton step: the
trial's residuals and slopes are taken out of the normal equations around the fitted population. A
trial that stands in the tables under two names is left out under one only.
"""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax  # noqa: E402  # after the environment

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from skinmech_calibration.trial import (  # noqa: E402
    Population,
    PopulationProblem,
    Row,
    load_population,
    open_arms,
)
from skinmech_calibration.trial.model import blocks_of  # noqa: E402
from skinmech_calibration.trial.predict import SHIPPED, _reported  # noqa: E402

TABLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical"
RESULTS = Path(__file__).with_name("results") / "virtual_control.json"
ENDPOINTS = ("PASI75", "EASI75")
DRAWS = 24


def placebo_rows(rows: list[Row]) -> list[Row]:
    """The last week of one endpoint of every trial's placebo arm."""
    found: dict[str, Row] = {}
    for row in rows:
        study = row.given["study"]
        is_told = np.isfinite(row.value) and np.isfinite(row.count)
        if row.arm.drug is None and row.endpoint in ENDPOINTS and is_told:
            if study not in found or row.week > found[study].week:
                found[study] = row
    return list(found.values())


def without_each(rows: list[Row], population: Population, studies: list[str]) -> list[Population]:
    """The population without the lines of each study."""
    found = PopulationProblem(rows, population.layout).evaluate(
        population.theta, True, np.ones(len(rows))
    )
    slopes, residuals = found.jacobian, found.residuals
    assert slopes is not None
    out = []
    for study in studies:
        mine = [row.given["study"] == study for row in rows]
        kept = np.concatenate([~np.array(mine), np.ones(len(population.theta), bool)])
        covariance = np.linalg.inv(slopes[kept].T @ slopes[kept])
        theta = population.theta - covariance @ (slopes[kept].T @ residuals[kept])
        out.append(dataclasses.replace(population, theta=theta, covariance=covariance))
    return out


def coverage(chosen: list[Row], populations: list[Population]) -> dict[str, Any]:
    """How often 95 % intervals hold what was observed, each row by a population of its own."""
    inside, errors, widths = [], [], []
    for block in blocks_of(chosen, populations[0].layout):
        new = jnp.zeros(len(block.model.new_drugs))
        known: dict[int, np.ndarray] = {}
        for place, k in enumerate(block.rows):
            one = populations[k]
            if id(one) not in known:
                known[id(one)] = np.array(
                    [
                        np.asarray(block.pick(block.model.endpoints(jnp.asarray(theta), new)))
                        for theta in one.draws(DRAWS, seed=1)
                    ]
                )
            shares = known[id(one)][:, place]
            samples = 100.0 * _reported(
                shares[:, None], np.array([False]), np.array([chosen[k].count]),
                np.random.default_rng([1, int(k)]),
            )  # fmt: skip
            low, high = np.percentile(samples, [2.5, 97.5])
            # Tables round to whole per cents at worst.
            inside.append(bool(low - 0.5 <= chosen[k].value <= high + 0.5))
            errors.append(float(chosen[k].value - samples.mean()))
            widths.append(float(high - low))
    return {
        "trials": len(inside), "covered": float(np.mean(inside)),
        "mean_error": float(np.mean(errors)), "mean_absolute_error": float(np.abs(errors).mean()),
        "median_width": float(np.median(widths)),
    }  # fmt: skip


def main() -> None:
    """Measure and write."""
    population = load_population(SHIPPED)
    rows = [row for row in open_arms(TABLES) if row.arm.disease.name != "vitiligo"]
    chosen = placebo_rows(rows)
    others = without_each(rows, population, [row.given["study"] for row in chosen])
    found = {
        "as_shipped": coverage(chosen, [population] * len(chosen)),
        "without_the_trial": coverage(chosen, others),
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
