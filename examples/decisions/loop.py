"""The loop of decisions on cells in a dish: recommend, run, read, update.

    python examples/decisions/loop.py

A donor's keratinocytes are known by one measurement of STAT1. Which further experiment tells most
about STAT6 signalling, what does it tell, and did it keep its promise? The donor here is simulated
from known values, so that the answer can be checked. Nothing was measured.
"""

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

import skinmech as sm  # noqa: E402
import skinmech_calibration as cal  # noqa: E402
from skinmech.culture_model import culture_model  # noqa: E402
from skinmech.settings import culture  # noqa: E402

STAT6, STAT1 = "signalling.sensitivity[pSTAT6]", "signalling.sensitivity[pSTAT1]"
TRUTH = {STAT6: 1.6, STAT1: 0.8}
HOURS = (1.0, 4.0, 12.0, 24.0)


def experiment(name: str, cytokine: str, readouts: tuple[str, ...], values=None):
    """Cells stimulated with one cytokine after a day in plain medium, and planned readings."""
    change = sm.Change(1.0, {f"inlet_cytokines[{cytokine}]": "10 ng/mL"})
    seen = [(n, 1.0 + hour / 24) for hour in HOURS for n in readouts]
    values = np.ones(len(seen)) if values is None else values
    observed = tuple(cal.Observation(n, day, float(v))
                     for (n, day), v in zip(seen, values, strict=True))  # fmt: skip
    return cal.Experiment(name, culture(), sm.Protocol(2.1, [change]), observed)


def measured(model, planned, seed: int):
    """The experiment done on the donor of `TRUTH`, with the noise its observables declare."""
    problem = cal.CalibrationProblem(model, [planned], [STAT6, STAT1])
    (predicted,) = problem.predictions(problem.free.to_coordinates(TRUTH)).values()
    size = [model.observables()[o.observable].noise_size for o in planned.observations]
    noise = np.array(size) * np.random.default_rng(seed).standard_normal(len(size))
    seen = zip(planned.observations, predicted * np.exp(noise), strict=True)
    return cal.Experiment(
        planned.name, planned.setting, planned.protocol,
        tuple(cal.Observation(o.observable, o.time, float(v)) for o, v in seen),
    )  # fmt: skip


def main() -> dict[str, float]:
    """Go through the loop once; returns the spreads before, promised and found."""
    model = culture_model()
    first = measured(model, experiment("first", "IFN-gamma", ("pSTAT1_MFI",)), 1)
    fit = cal.fit(cal.CalibrationProblem(model, [first], [STAT6, STAT1]), starts=1)
    candidates = [
        cal.Candidate(experiment("IFN-gamma, STAT1", "IFN-gamma", ("pSTAT1_MFI",)), 300.0),
        cal.Candidate(experiment("IL-13, STAT6", "IL-13", ("pSTAT6_MFI",)), 300.0),
        cal.Candidate(experiment("IL-13, CCL26", "IL-13", ("mRNA_CCL26",)), 200.0),
    ]
    question = cal.Question("STAT6 sensitivity", STAT6)
    found = cal.design(fit.posterior, question, candidates, budget=300.0)
    for one in found.alone:
        print(f"{one.name:<18} {one.information:.3f} nats for {one.cost:.0f}")
    (chosen,) = found.chosen
    planned = next(one for one in candidates if one.name == chosen.name)
    print(f"recommended: {chosen.name}; spread {found.before:.2f} -> {found.after:.2f}")

    twin = cal.Twin.of(fit.posterior, 32)
    twin, told = twin.take_in(measured(model, planned.experiment, 2), moves=1)
    place = fit.posterior.free.names.index(STAT6)
    spread = float(np.sqrt(twin.posterior.covariance[place, place]))
    value = twin.posterior.values[STAT6]
    print(f"{told.surprise.sentence}; spread now {spread:.2f}, promised {found.after:.2f}")
    print(f"{STAT6}: {value:.2f}, true {TRUTH[STAT6]:.2f}")
    z = fit.posterior.free.to_coordinates(TRUTH)[place]
    return {"before": found.before, "promised": found.after, "found": spread,
            "off": abs(float(twin.posterior.mean[place]) - z) / spread}  # fmt: skip


if __name__ == "__main__":
    main()
