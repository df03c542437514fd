"""The calcium switch sub-model."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import EPIDERMIS, Named, port, state
from ...modelling.species import PATHWAYS, pathway
from ...modelling.submodel import AbstractSubmodel
from .parameters import SWITCHED, CalciumSwitchParameters

_POWER = 4


class CalciumSwitch(AbstractSubmodel):
    """Calcium of the medium, protein kinase C, p63 and STAT3, and genes that follow.

        C  = (H(Ca) − H(Ca₀))/(1 − H(Ca₀)),   H(x) = x⁴/(K⁴ + x⁴),   PKC = PKC₀ + (PKC₁ − PKC₀) C
        S' = PKC + s₆ STAT6 + 2 N − S
        N' = 10 N³/(1.35³ + N³) + S − (6 + ν NF-kB + PKC/2) N
        a' = a₁ N − a₂ a,      E' = k_E a/(1 + i S) − d E
        F' = k_F (C − F),      y_g' = k_g (b_g F − y_g),   mRNA_g = 2^y_g

    S, N, a, E with the constants of the published switch (time in hours): STAT3, p63, a fast factor
    and the transcripts of the differentiation complex as one. The genes g do not follow E: measured
    transcripts rise within hours where the switch waits for thirty, so they have a chain of two
    steps of their own.

    Assumptions: C is immediate, since PKC answers within minutes; one factor F serves all genes.
    It reads the medium and signalling and gives nothing back.
    """

    name = "calcium_switch"
    Parameters = CalciumSwitchParameters
    states = (
        state("STAT3", "dimensionless", "STAT3 of the published switch"),
        state("p63", "dimensionless", "p63 of the published switch"),
        state("auxiliary", "dimensionless", "Fast factor of the published switch"),
        state("complex", "dimensionless", "Transcripts of the differentiation complex"),
        state("factor", "dimensionless", "Between calcium and genes, 0 to 1"),
        state("log_mrna", "dimensionless", "Change of transcripts, log2", species=SWITCHED),
    )
    provides = (
        port("differentiation_complex", "dimensionless", "Transcripts of the published switch"),
        port("switched_mrna", "dimensionless", "Fold change by calcium", species=SWITCHED),
    )
    requires = (
        port("medium_calcium", "mmol/L", "Calcium of the medium", default=0.05),
        port(
            "pathway_activity",
            "dimensionless",
            "Signalling",
            grid=EPIDERMIS,
            species=PATHWAYS,
            default=0.0,
        ),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Dividing cells in little calcium, near the published rest at PKC 0.2."""
        return {
            "STAT3": jnp.asarray(0.298),
            "p63": jnp.asarray(0.0489),
            "auxiliary": jnp.asarray(0.0517),
            "complex": jnp.asarray(0.513),
            "factor": jnp.asarray(0.0),
            "log_mrna": jnp.zeros(len(SWITCHED)),
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Transcripts as fold changes."""
        return {
            "differentiation_complex": state.complex,
            "switched_mrna": 2.0**state.log_mrna,
        }

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def _action(self, calcium: Any, params: Any) -> Any:
        relative = (calcium / params.calcium_half) ** _POWER
        return relative / (1.0 + relative)

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """The switch, and the genes."""
        rest = self._action(params.resting_calcium, params)
        calcium = (self._action(ports.medium_calcium, params) - rest) / (1.0 - rest)
        kinase = params.resting_PKC + (params.PKC - params.resting_PKC) * calcium
        activity = jnp.mean(ports.pathway_activity, axis=-1)
        stat3, p63 = state.STAT3, state.p63
        loss = params.p63_loss + params.NFkB_input * activity[pathway("NF-kB")]
        loss = loss + params.PKC_loss * kinase
        given = kinase + params.STAT6_input * activity[pathway("pSTAT6")]
        own = params.p63_production * p63**3 / (params.p63_half**3 + p63**3)
        made = params.complex_rate * state.auxiliary / (1.0 + params.STAT3_inhibition * stat3)
        return {
            "STAT3": params.rate * (given + params.p63_on_STAT3 * p63 - stat3),
            "p63": params.rate * (own + stat3 - loss * p63),
            "auxiliary": params.auxiliary_rate * p63 - params.auxiliary_loss * state.auxiliary,
            "complex": made - params.complex_loss * state.complex,
            "factor": params.factor_rate * (calcium - state.factor),
            "log_mrna": params.gene_rate * (params.gene_gain * state.factor - state.log_mrna),
        }
