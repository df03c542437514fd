"""Signalling in time: for chip and culture experiments of minutes to hours."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import EPIDERMIS, Named, state
from ...modelling.species import PATHWAYS
from ...modelling.submodel import AbstractSubmodel
from .parameters import SignallingParameters
from .ports import ACTIVITY, REQUIRED
from .receptors import drive


class DynamicSignalling(AbstractSubmodel):
    """Pathway activity P and its feedback protein F (SOCS; IkB for NF-kB).

        P' = k [ρ R (1 − P) − (1 + g F) P]
        F' = k_F (P − F)

    The steady state is that of `QuasiSteadySignalling`.
    """

    name = "signalling"
    Parameters = SignallingParameters
    states = (
        state("activity", "dimensionless", "Active fraction", grid=EPIDERMIS, species=PATHWAYS),
        state("feedback", "dimensionless", "Feedback protein", grid=EPIDERMIS, species=PATHWAYS),
    )
    provides = (ACTIVITY,)
    requires = REQUIRED

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Unstimulated cells."""
        zeros = jnp.zeros((len(PATHWAYS), grids[EPIDERMIS].num_cells))
        return {"activity": zeros, "feedback": zeros}

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Pathway activity, shape (4, z)."""
        return {"pathway_activity": state.activity}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Phosphorylation against dephosphorylation, and the feedback."""
        receptor = drive(
            ports.epidermal_cytokines,
            ports.free_fraction,
            ports.complex_activity,
            ports.glucocorticoid,
            params,
        )
        gain = params.sensitivity[:, None] * receptor * (1.0 - state.activity)
        loss = (1.0 + params.feedback[:, None] * state.feedback) * state.activity
        return {
            "activity": params.inactivation_rate[:, None] * (gain - loss),
            "feedback": params.feedback_rate[:, None] * (state.activity - state.feedback),
        }
