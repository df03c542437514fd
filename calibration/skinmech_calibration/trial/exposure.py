"""What an arm's drug does to its targets, day by day, in a typical patient.

The catalogue's pharmacokinetics and affinities, nothing else: no drug has an efficacy number.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from skinmech.therapies import Drug, dosing
from skinmech.therapies.arrays import drug_arrays
from skinmech.therapies.pharmacokinetics import (
    average_concentration,
    dose_increment,
    pk_parameters,
    pk_tendency,
    scale_to_weight,
)
from skinmech.therapies.regimen import Regimen

_SUBSTEPS = 24  # an hour; the fastest absorption of an antibody takes a day


@dataclasses.dataclass(frozen=True)
class Engagement:
    """Concentration over affinity at every target, and over IC50 at every kinase.

    Attributes:
        targets: C_skin/K_D [1], shape (day, target), in the order of `TARGETS`.
        kinases: C_skin/IC50 [1], shape (day, kinase).
        pseudokinases: C_skin/K_d at the JH2 domain of every kinase [1], shape (day, kinase).
        decoy: Share of bound ligand that its decoy receptor still clears, shape (target,).
        steroid: C/K_d at the glucocorticoid receptor [1], shape (day,).
    """

    targets: np.ndarray
    kinases: np.ndarray
    pseudokinases: np.ndarray
    decoy: np.ndarray
    steroid: np.ndarray


def engagement(
    drug: Drug | None, regimen: Regimen | None, days: int, weight: float, permeability: float = 1.0
) -> Engagement:
    """Engagement of one drug under one regimen; None is no drug.

    Args:
        drug: The drug.
        regimen: How it is given.
        days: Length, one row a day from day 0 on.
        weight: Body weight [kg].
        permeability: Of the lesion's stratum corneum over that of healthy skin [1].
    """
    central = np.zeros(days + 1)
    arrays = drug_arrays([drug], slots=1)
    if drug is not None and regimen is not None and drug.pharmacokinetics is not None:
        central = concentration(drug, regimen, days, weight, permeability)
    unbound = float(arrays.fraction_unbound[0] * arrays.skin_partition[0])
    tissue = unbound * np.maximum(central, 0.0)
    return Engagement(
        targets=tissue[:, None] * np.asarray(arrays.inverse_affinity[0])[None],
        kinases=tissue[:, None] * np.asarray(arrays.inverse_ic50[0])[None],
        pseudokinases=tissue[:, None] * np.asarray(arrays.inverse_pseudokinase[0])[None],
        decoy=np.asarray(arrays.decoy_competent[0]),
        steroid=tissue * float(arrays.glucocorticoid_affinity[0]),
    )


def concentration(
    drug: Drug, regimen: Regimen, days: int, weight: float, permeability: float = 1.0
) -> np.ndarray:
    """Daily mean central concentration [nM], shape (days + 1,).

    Doses closer than two days apart are their average rate, at its steady state. What is put on the
    skin crosses a stratum corneum of a given permeability, over that of healthy skin.
    """
    amounts = [phase.amounts[-1] for phase in regimen.phases]
    per_kilogram = weight if regimen.unit == "mg/kg" else 1.0
    params = scale_to_weight(pk_parameters(drug, amounts[-1] * per_kilogram), weight)
    plan = dosing(drug, regimen, horizon=float(days + 1), weight=weight)
    out = np.zeros(days + 1)
    for k, one in enumerate(plan.rates):
        stop = plan.rates[k + 1].time if k + 1 < len(plan.rates) else days + 1
        level = float(average_concentration(params, one.rate, permeability))
        out[int(round(one.time)) : int(round(stop))] = level
    if plan.events:
        doses = np.zeros((days + 1, 3))
        for event in plan.events:
            inside = event.route == "intravenous"
            jump = dose_increment(params, event.amount, float(inside))
            doses[min(int(round(event.time)), days)] += np.asarray(jump)
        out = np.asarray(_course(params, jnp.asarray(doses), permeability))
    return out


@jax.jit
def _course(params, doses: Float[Array, "day 3"], permeability: float) -> Float[Array, " day"]:
    """Mean of each day under doses at its beginning; classical Runge-Kutta by the hour."""
    step = 1.0 / _SUBSTEPS

    def law(state):
        return pk_tendency(state, params, 0.0, permeability)

    def hour(state, _):
        k1 = law(state)
        k2 = law(state + 0.5 * step * k1)
        k3 = law(state + 0.5 * step * k2)
        k4 = law(state + step * k3)
        after = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        return after, 0.5 * (state[1] + after[1])

    def day(state, dose):
        state, levels = jax.lax.scan(hour, state + dose, None, length=_SUBSTEPS)
        return state, jnp.mean(levels)

    _, means = jax.lax.scan(day, jnp.zeros(3), doses)
    return means
