"""The medium sub-model: well-mixed, plentiful medium over cells without depth."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter
from ...modelling.ports import EPIDERMIS, Named, port
from ...modelling.species import CYTOKINES
from ...modelling.submodel import AbstractSubmodel

Scalar = Float[Array, ""]


class MediumParameters(AbstractParameters):
    """How much of what was added reaches the cells."""

    active_fraction: Scalar = parameter(
        1.0,
        "dimensionless",
        "Active cytokine at the cells over the amount added (potency of the "
        "batch, binding to serum and plastic); 1 where nothing else is known",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 2.0),
        prior_sd=0.3,
        scope="study",
    )


class Medium(AbstractSubmodel):
    """Cells see what the medium carries, c = a · inlet_cytokines, from the moment it is added.

    | symbol | field | unit |
    |---|---|---|
    | a | `active_fraction` | dimensionless |

    A `Change` of `inlet_cytokines` is a medium change: old medium out, new medium in, at once.
    A cytokine that is consumed or decays is written as several changes, or by composing
    `Cytokines` in place of this sub-model.

    Assumptions: the medium is mixed within seconds, its volume is large (receptors do not deplete
    it), cytokines in it are stable for the length of the experiment, and what the cells secrete
    does not act back on them. The model must have one cell of epidermis; with more, all of them
    see the same medium.
    """

    name = "medium"
    Parameters = MediumParameters
    derives = (
        port("epidermal_cytokines", "pg/mL", "Around the cells", grid=EPIDERMIS, species=CYTOKINES),
    )
    requires = (
        port("inlet_cytokines", "pg/mL", "Added to the medium", species=CYTOKINES, default=0.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """No states."""
        return {}

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Nothing: the number of cells is known in `derived`."""
        return {}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Cytokines around the cells, shape (13, z)."""
        around = params.active_fraction * ports.inlet_cytokines
        cells = grids[EPIDERMIS].num_cells
        return {"epidermal_cytokines": jnp.broadcast_to(around[:, None], (len(CYTOKINES), cells))}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """No states."""
        return {}
