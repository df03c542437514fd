"""The cytokine sub-model: one diffusion-reaction field per cytokine over a mixed compartment."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import EPIDERMIS, Named, port, state
from ...modelling.species import CYTOKINES, PATHWAYS, pathway
from ...modelling.submodel import AbstractSubmodel
from ...numerics.operators import accumulation, transport_flux, with_boundary
from .parameters import CytokineParameters


class Cytokines(AbstractSubmodel):
    """Cytokines in the epidermis and in the compartment below it.

        ∂c/∂t = D ∂²c/∂z² − ∂(u c)/∂z + secretion(z) − λ c           epidermis
        C'    = immune secretion + P (c(base) − C)/H − (k + q)(C − C_in)   compartment

    The compartment is the dermis in vivo (H its thickness, k blood and lymph clearance) and the
    perfused channel on a chip (H its volume per area, q = Q/V the exchange rate of the medium,
    C_in what the inlet carries). The flux through the basement membrane zone is computed once
    and used on both sides. The top of the epidermis is closed by tight junctions.

    Keratinocytes secrete TSLP and IL-33 under barrier stress, TSLP and CCL17 under STAT6,
    IL-36γ and CCL20 under NF-kB, CXCL10 under STAT1.

    Validity: a well-mixed compartment; receptor binding does not deplete the medium.
    """

    name = "cytokines"
    Parameters = CytokineParameters
    states = (
        state(
            "epidermis", "pg/mL", "In the epidermis", grid=EPIDERMIS, species=CYTOKINES, scale=100.0
        ),
        state("compartment", "pg/mL", "In dermis or channel", species=CYTOKINES, scale=100.0),
    )
    provides = (
        port("epidermal_cytokines", "pg/mL", "In the epidermis", grid=EPIDERMIS, species=CYTOKINES),
        port("compartment_cytokines", "pg/mL", "In dermis or channel", species=CYTOKINES),
    )
    requires = (
        port(
            "pathway_activity",
            "dimensionless",
            "Signalling",
            grid=EPIDERMIS,
            species=PATHWAYS,
            default=0.0,
        ),
        port(
            "immune_secretion",
            "pg/mL/day",
            "Secretion of immune cells per compartment volume",
            species=CYTOKINES,
            default=0.0,
        ),
        port("barrier_stress", "dimensionless", "Barrier stress", default=0.0),
        port("scratching", "dimensionless", "Scratching", default=0.0),
        port("epidermal_thickness", "um", "Epidermis", default=100.0),
        port("epidermal_thickness_rate", "um/day", "Change of it", default=0.0),
        port("epidermis_velocity", "um/day", "Relative velocity"),
        port("cornification_flux", "um/day", "Cornifying volume", default=1.9),
        port("compartment_depth", "um", "Compartment volume per skin area", default=200.0),
        port(
            "tissue_clearance",
            "dimensionless",
            "1 for a living circulation, 0 on a chip",
            default=1.0,
        ),
        port("medium_exchange", "1/day", "Flow over volume of the channel", default=0.0),
        port("inlet_cytokines", "pg/mL", "Carried by the inlet", species=CYTOKINES, default=0.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Resting concentrations, near zero."""
        cells = grids[EPIDERMIS].num_cells
        basal = params.keratinocyte_basal / (params.uptake + params.clearance)
        return {
            "epidermis": jnp.broadcast_to(basal[:, None], (len(CYTOKINES), cells)),
            "compartment": 0.5 * basal,
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Concentrations on both sides of the basement membrane."""
        return {
            "epidermal_cytokines": state.epidermis,
            "compartment_cytokines": state.compartment,
        }

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Diffusion-reaction in depth; exchange and clearance in the compartment."""
        grid = grids[EPIDERMIS]
        thickness = ports.epidermal_thickness
        half = 0.5 * thickness * grid.widths[-1]
        exchange = 1.0 / (half / params.diffusivity + 1.0 / params.basement_permeability)
        downwards = exchange * (state.epidermis[:, -1] - state.compartment)

        velocity = ports.epidermis_velocity
        inner = transport_flux(state.epidermis, velocity, params.diffusivity, thickness, grid)
        # Cells leave through the top without their extracellular cytokine: a closed boundary.
        flux = with_boundary(jnp.zeros(len(CYTOKINES)), inner, downwards)
        moved = accumulation(state.epidermis, flux, thickness, ports.epidermal_thickness_rate, grid)
        epidermis = moved + self._secretion(ports, params) - params.uptake * state.epidermis

        cleared = (
            ports.tissue_clearance * params.clearance * state.compartment
            + ports.medium_exchange * (state.compartment - ports.inlet_cytokines)
        )
        compartment = ports.immune_secretion + downwards / ports.compartment_depth - cleared
        return {"epidermis": epidermis, "compartment": compartment}

    def _secretion(self, ports: Named, params: Any) -> Any:
        activity = ports.pathway_activity
        stress = ports.barrier_stress / (1.0 + ports.barrier_stress) + 0.5 * ports.scratching
        stat6, stat1, nfkb = (
            activity[pathway("pSTAT6")],
            activity[pathway("pSTAT1")],
            activity[pathway("NF-kB")],
        )
        driven = {
            "TSLP": params.TSLP_stress * stress
            + params.TSLP_STAT6 * stat6
            + params.TSLP_NFkB * nfkb,
            "IL-33": params.IL33_stress * stress + 0.0 * stat6,
            "IL-36gamma": params.IL36_NFkB * nfkb,
            "CCL17": params.CCL17_STAT6 * stat6,
            "CCL20": params.CCL20_NFkB * nfkb,
            "CXCL10": params.CXCL10_STAT1 * stat1,
        }
        rows = [driven.get(name, jnp.zeros_like(stat6)) for name in CYTOKINES]
        return jnp.stack(rows) + params.keratinocyte_basal[:, None]
