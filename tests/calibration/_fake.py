"""An engine whose simulations are formulas, so that the logic of a fit is tested in no time."""

import jax.numpy as jnp
import numpy as np

from skinmech.numerics import Status
from skinmech_calibration.engine import Case, Outcome

FIRST, SECOND = "tissue.loricrin_reference", "tissue.filaggrin_reference"
THIRD = "tissue.assay_scale"


class FormulaEngine:
    """Observable "tewl" is 10·a·exp(-0.3·b·t), "surface_ph" is 5·a; all others are one.

    `a` and `b` are the values at FIRST and SECOND over their defaults; THIRD has no influence.
    Simulations fail where `fails(a, b)` is true.
    """

    def __init__(self, model, fails=lambda a, b: False):
        self.model = model
        self.specs = model.specifications()
        self.paths = list(self.specs)
        self.observables = tuple(model.observables())
        self.fails = fails
        self.num_runs = 0

    def place(self, path):
        return self.paths.index(path)

    def flat(self, changes):
        values = {path: spec.value for path, spec in self.specs.items()} | dict(changes)
        return jnp.asarray([values[path] for path in self.paths])

    def guess(self, start):
        return jnp.zeros(3)

    def run(self, cases, directions=None):
        self.num_runs += len(cases)
        out = []
        for i, case in enumerate(cases):
            out.append(self._one(case, None if directions is None else directions[i]))
        return out

    def _one(self, case: Case, directions):
        a, b = (
            np.asarray(case.parameters)[self.place(path)] / self.specs[path].value
            for path in (FIRST, SECOND)
        )
        t = np.where(np.isfinite(case.times), case.times, 0.0)
        shape = (len(t), len(self.observables))
        if self.fails(a, b):
            nothing = np.full(shape, np.nan)
            slopes = None if directions is None else np.full((len(directions), *shape), np.nan)
            return Outcome(nothing, Status.MAX_STEPS, slopes)
        decay = np.exp(-0.3 * b * t)
        tewl, ph = self.observables.index("tewl"), self.observables.index("surface_ph")
        values = np.ones(shape)
        values[:, tewl], values[:, ph] = 10 * a * decay, 5 * a
        if directions is None:
            return Outcome(values, Status.OK)
        slopes = np.zeros((len(directions), *shape))
        for k, direction in enumerate(directions):
            da = direction[self.place(FIRST)] / self.specs[FIRST].value
            db = direction[self.place(SECOND)] / self.specs[SECOND].value
            slopes[k, :, tewl] = 10 * decay * (da - 0.3 * t * a * db)
            slopes[k, :, ph] = 5 * da
        return Outcome(values, Status.OK, slopes)
