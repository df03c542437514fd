"""What probes, microscopes, electrodes and assays read from the tissue."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter
from ..modelling.ports import CORNEUM, EPIDERMIS, Named, observable
from ..modelling.species import CYTOKINES, PATHWAYS, pathway
from ..modelling.submodel import AbstractReadout

Scalar = Float[Array, ""]


class TissueParameters(AbstractParameters):
    """Normalisation of fold changes and assay scales."""

    filaggrin_reference: Scalar = parameter(
        0.22,
        "dimensionless",
        "Mean profilaggrin of untreated healthy skin",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 5.0),
        scope="study",
    )
    loricrin_reference: Scalar = parameter(
        0.22,
        "dimensionless",
        "Mean loricrin of untreated healthy skin",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 5.0),
        scope="study",
    )
    CCL26_gain: Scalar = parameter(
        200.0,
        "dimensionless",
        "Fold induction of CCL26 at full STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(5.0, 5000.0),
        scope="study",
    )
    assay_scale: Scalar = parameter(
        1.0,
        "dimensionless",
        "Cytokine assay reading over true concentration",
        source="assumed",
        evidence="assumed",
        bounds=(0.2, 5.0),
        scope="study",
        prior_sd=0.3,
    )


class TissueReadout(AbstractReadout):
    """Barrier probes, thicknesses, effluent and tissue cytokines, fold changes."""

    name = "tissue"
    Parameters = TissueParameters
    observables = (
        observable("tewl", "g/m**2/hour", "Transepidermal water loss", noise_size=0.12),
        observable(
            "teer", "dimensionless", "Transepithelial resistance [ohm cm2]", noise_size=0.10
        ),
        observable("epidermal_thickness", "um", "Viable epidermis", noise_size=0.10),
        observable("corneum_thickness", "um", "Hydrated stratum corneum", noise_size=0.12),
        observable(
            "turnover_time", "day", "Epidermal turnover", noise_size=0.15, source="shmarov2022"
        ),
        observable(
            "corneum_permeability", "dimensionless", "To drugs put on the skin, over healthy skin"
        ),
        observable("corneum_water", "dimensionless", "Mean water of the corneum [g/g dry]"),
        observable(
            "surface_ph", "dimensionless", "pH of the surface", noise="additive", noise_size=0.2
        ),
        observable("nmf", "dimensionless", "Natural moisturising factor over healthy"),
        observable(
            "filaggrin_fold",
            "dimensionless",
            "Profilaggrin over untreated healthy",
            noise_size=0.25,
        ),
        observable(
            "loricrin_fold", "dimensionless", "Loricrin over untreated healthy", noise_size=0.25
        ),
        observable("CCL26_fold", "dimensionless", "CCL26 over unstimulated", noise_size=0.35),
        *(
            observable(
                f"compartment_{name}", "pg/mL", f"{name} in dermis or effluent", noise_size=0.20
            )
            for name in CYTOKINES
        ),
        *(
            observable(f"tissue_{name}", "pg/mL", f"{name} in the epidermis", noise_size=0.25)
            for name in CYTOKINES
        ),
        *(
            observable(
                f"activity_{name}",
                "dimensionless",
                f"{name}, mean over the epidermis",
                noise_size=0.15,
            )
            for name in PATHWAYS
        ),
        observable(
            "drug_concentration", "nmol/L", "Central concentration of drug 1", noise_size=0.15
        ),
    )

    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """See `observables`."""
        epidermis, corneum = grids[EPIDERMIS], grids[CORNEUM]
        cells = states["keratinocytes"]
        activity = jnp.sum(ports.pathway_activity * epidermis.widths, axis=-1)
        mean = jnp.sum(ports.epidermal_cytokines * epidermis.widths, axis=-1)
        below = ports.compartment_cytokines
        made = ports.epidermal_production / ports.epidermal_thickness
        values = {
            "tewl": ports.tewl,
            "teer": ports.teer,
            "epidermal_thickness": ports.epidermal_thickness,
            "corneum_permeability": ports.corneum_permeability,
            "corneum_thickness": ports.corneum_thickness,
            "turnover_time": 1.0 / made,
            "corneum_water": jnp.sum(states["barrier"].water * corneum.widths),
            "surface_ph": ports.corneum_ph[0],
            "nmf": jnp.sum(ports.relative_nmf * corneum.widths),
            "filaggrin_fold": jnp.sum(cells.profilaggrin * epidermis.widths)
            / params.filaggrin_reference,
            "loricrin_fold": jnp.sum(cells.loricrin * epidermis.widths) / params.loricrin_reference,
            "CCL26_fold": 1.0 + params.CCL26_gain * activity[pathway("pSTAT6")],
            "drug_concentration": ports.drug_concentration[0],
        }
        for i, name in enumerate(CYTOKINES):
            values[f"compartment_{name}"] = params.assay_scale * below[i]
            values[f"tissue_{name}"] = params.assay_scale * mean[i]
        for i, name in enumerate(PATHWAYS):
            values[f"activity_{name}"] = activity[i]
        return values
