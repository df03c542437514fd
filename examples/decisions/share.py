"""A calibration taken away: the culture model as SBML, its fit as a PEtab problem, read back.

    python examples/decisions/share.py [folder]

Nothing was measured; the readings are those of the model itself at two stated donors.
"""

import sys
from pathlib import Path

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

import skinmech as sm  # noqa: E402
import skinmech_calibration as cal  # noqa: E402
from skinmech.culture_model import culture_model  # noqa: E402
from skinmech.settings import culture  # noqa: E402
from skinmech_calibration import noise  # noqa: E402
from skinmech_calibration.interchange import export_petab, read_petab  # noqa: E402

FREE = ["signalling.sensitivity[pSTAT6]", "IL-13:culture.scale[pSTAT6]"]


def problem(model) -> cal.CalibrationProblem:
    """Two experiments, one parameter of the donor and one of a single experiment."""
    both = []
    for name, cytokine, readout in (("IL-13", "IL-13", "pSTAT6_MFI"),
                                    ("IFN", "IFN-gamma", "pSTAT1_MFI")):  # fmt: skip
        change = sm.Change(1.0, {f"inlet_cytokines[{cytokine}]": "10 ng/mL"})
        readings = ((1, 130.0, None), (8, 150.0, None), (24, 140.0, 20.0))
        seen = tuple(cal.Observation(readout, 1.0 + h / 24, v, sd) for h, v, sd in readings)
        both.append(cal.Experiment(name, culture(), sm.Protocol(2.1, [change]), seen))
    return cal.CalibrationProblem(model, both, FREE)


def log_likelihood(ours: cal.CalibrationProblem) -> float:
    """Of all readings at the prior's centre."""
    predicted = ours.predictions(ours.free.to_coordinates({}))
    specs, total = ours.model.observables(), 0.0
    for one in ours.experiments:
        data = noise.data_of([o.row(specs[o.observable]) for o in one.observations])
        total += float(np.sum(noise.log_likelihood(predicted[one.name], data)))
    return total


def main(folder: str | Path = "share_output") -> tuple[float, float]:
    """Write, read back, compare; returns both log-likelihoods at the prior's centre."""
    ours = problem(culture_model())
    path = export_petab(ours, folder)
    theirs = read_petab(path, rtol=1e-10)
    mine = log_likelihood(ours)
    told = theirs.log_likelihood()
    print(f"written: {path}\nlog-likelihood here {mine:.8f}, of the file {told:.8f}")
    print(f"apart by {abs(mine - told):.1e}, free: {[one.id for one in theirs.free]}")
    assert np.isfinite(mine)
    return mine, told


if __name__ == "__main__":
    main(*sys.argv[1:2])
