"""The exposure sub-model: every drug is a set of numbers in one of a few slots."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter
from ...modelling.ports import Named, port, state
from ...modelling.submodel import AbstractSubmodel
from ...therapies import effects
from ...therapies.arrays import DrugArrays, drug_arrays
from ...therapies.effects import RECEPTOR_COMPLEXES, TARGETS
from ...therapies.pharmacokinetics import pk_tendency

SLOTS = ("drug 1", "drug 2")
Scalar = Float[Array, ""]


def _no_drugs() -> DrugArrays:
    return drug_arrays([None] * len(SLOTS), slots=len(SLOTS))


class ExposureParameters(AbstractParameters):
    """Shared by all drugs; `drugs` holds what fills the slots (data, not for fitting)."""

    per_day: Scalar = parameter(
        1.0,
        "1/day",
        "Time unit of drug data",
        source="definition",
        evidence="measured",
        bounds=(0.999, 1.001),
        prior_sd=1e-6,
        scope="study",
    )
    nanomolar: Scalar = parameter(
        1.0,
        "nmol/L",
        "Concentration unit of drug data",
        source="definition",
        evidence="measured",
        bounds=(0.999, 1.001),
        prior_sd=1e-6,
        scope="study",
    )
    residual_loss: Scalar = parameter(
        1e-9,
        "1/day",
        "Loss too slow to matter; an empty slot then has a steady state",
        source="definition",
        evidence="measured",
        bounds=(1e-10, 1e-8),
        prior_sd=1e-6,
        scope="study",
    )
    kinase_hill: Scalar = parameter(
        1.0,
        "dimensionless",
        "Steepness of kinase inhibition",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 2.5),
        prior_sd=0.15,
    )
    emollient_half: Scalar = parameter(
        0.3,
        "dimensionless",
        "Emollient lipid taken up for half of the benefit [g/m2/day]",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 10.0),
    )
    drugs: DrugArrays = eqx.field(default_factory=_no_drugs)


class Exposure(AbstractSubmodel):
    """Pharmacokinetics and target engagement (`skinmech.therapies`).

    One structural model, depot → central ⇄ peripheral with linear and saturable elimination,
    serves every drug, so that one compiled program serves every drug too. What is put on the skin
    crosses the stratum corneum as it is now: the barrier says how much more it lets through than
    healthy skin (`pk_tendency`). In skin,

        C = f_u K C_central (in vivo)  or what the medium carries (on a chip)

    leaves 1/(1 + C/K_D) of a target free and ∏(1 + C/IC50)^(−w) of a receptor complex active.
    """

    name = "exposure"
    Parameters = ExposureParameters
    jumps = True
    states = (
        state(
            "depot",
            "nmol/L",
            "At the site of dosing, per central volume",
            species=SLOTS,
            scale=100.0,
        ),
        state("central", "nmol/L", "Central concentration", species=SLOTS, scale=100.0),
        state("peripheral", "nmol/L", "Peripheral concentration", species=SLOTS, scale=100.0),
    )
    provides = (
        port("free_fraction", "dimensionless", "Left free by antibodies", species=TARGETS),
        port(
            "complex_activity",
            "dimensionless",
            "Left active by kinase inhibitors",
            species=RECEPTOR_COMPLEXES,
        ),
        port(
            "decoy_clearance",
            "dimensionless",
            "Share of each ligand its decoy can still clear",
            species=TARGETS,
        ),
        port("glucocorticoid", "dimensionless", "Glucocorticoid action, 0 to 1"),
        port("emollient", "dimensionless", "Benefit of emollient use, 0 to 1"),
        port("drug_concentration", "nmol/L", "Central concentration", species=SLOTS),
    )
    requires = (
        port("drug_input", "dimensionless", "Continuous input, mg/day", species=SLOTS, default=0.0),
        port(
            "medium_drug", "nmol/L", "Free drug carried by the medium", species=SLOTS, default=0.0
        ),
        port("corneum_permeability", "dimensionless", "Over that of healthy skin", default=1.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """No drug."""
        zeros = jnp.zeros(len(SLOTS))
        return {"depot": zeros, "central": zeros, "peripheral": zeros}

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Target engagement in skin."""
        drugs = params.drugs
        medium = environment.get("medium_drug", jnp.zeros(len(SLOTS))) / params.nanomolar
        tissue = effects.tissue_exposure(state.central / params.nanomolar, drugs) + medium
        lipid = effects.emollient_lipid_input(state.depot / params.nanomolar, drugs)
        return {
            "free_fraction": effects.free_fractions(tissue, drugs),
            "complex_activity": effects.complex_activity(tissue, drugs, params.kinase_hill),
            "decoy_clearance": effects.decoy_clearable_fractions(tissue, drugs),
            "glucocorticoid": effects.glucocorticoid_occupancy(tissue, drugs),
            "emollient": lipid / (lipid + params.emollient_half),
            "drug_concentration": state.central,
        }

    def jump(
        self, t: Any, state: Named, ports: Named, events: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Doses enter the depot or the central compartment."""
        dose = events.dose * params.nanomolar
        return {"depot": state.depot + dose[:, 0], "central": state.central + dose[:, 1]}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Absorption, distribution, elimination in each slot."""
        amounts = jnp.stack([state.depot, state.central, state.peripheral], axis=-1)
        law = jax.vmap(pk_tendency, in_axes=(0, 0, 0, None))
        rates = law(
            amounts / params.nanomolar,
            params.drugs.pk,
            ports.drug_input,
            ports.corneum_permeability,
        )
        rates = rates * params.nanomolar * params.per_day - params.residual_loss * amounts
        return {"depot": rates[:, 0], "central": rates[:, 1], "peripheral": rates[:, 2]}
