"""Signalling in balance: for questions of days and months."""

from typing import Any

from ...modelling.ports import Named
from ...modelling.submodel import AbstractSubmodel
from .parameters import SignallingParameters
from .ports import ACTIVITY, REQUIRED
from .receptors import balance, drive


class QuasiSteadySignalling(AbstractSubmodel):
    """Pathway activity from the cytokines of the moment (`receptors.drive`, `.balance`).

    Validity: changes slower than hours. For minutes use `DynamicSignalling`, which has the same
    parameters, the same steady state and the same ports.
    """

    name = "signalling"
    Parameters = SignallingParameters
    derives = (ACTIVITY,)
    requires = REQUIRED

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """No states."""
        return {}

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Nothing of its own."""
        return {}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Pathway activity, shape (4, z)."""
        receptor = drive(
            ports.epidermal_cytokines,
            ports.free_fraction,
            ports.complex_activity,
            ports.glucocorticoid,
            params,
        )
        sensitivity, feedback = params.sensitivity[:, None], params.feedback[:, None]
        return {"pathway_activity": balance(receptor, sensitivity, feedback)}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """No states."""
        return {}
