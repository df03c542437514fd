"""Pigment alone, on tissue at rest: the pigmentation sub-model of the coupled model, for long runs.

A tan over a year or a phototype's erythema needs no cytokines. Here the same sub-model rides on a
column whose cells move as in healthy skin and whose thickness stays.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .modelling.model import SkinModel
from .modelling.parameters import AbstractParameters, SkinParameters, parameter
from .modelling.ports import CORNEUM, EPIDERMIS, Named, observable, port
from .modelling.submodel import AbstractReadout, AbstractSubmodel
from .numerics import Status
from .numerics.carriage import carriage
from .observables import SkinColour
from .settings.environment import ENVIRONMENT
from .submodels.exposure import SLOTS
from .submodels.pigmentation import Pigmentation
from .trajectory import Trajectory

Scalar = Float[Array, ""]


class RestingTissueParameters(AbstractParameters):
    """The healthy attractor of the coupled model, as numbers."""

    epidermal_thickness: Scalar = parameter(
        98.2,
        "um",
        "Viable epidermis of the coupled model's healthy attractor",
        source="assumed",
        evidence="assumed",
        bounds=(30.0, 400.0),
    )
    corneum_thickness: Scalar = parameter(
        8.0,
        "um",
        "Dry corneum of the coupled model's healthy attractor",
        source="assumed",
        evidence="assumed",
        bounds=(3.0, 40.0),
    )
    swelling: Scalar = parameter(
        1.4,
        "dimensionless",
        "Hydrated over dry thickness of the corneum",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 6.0),
    )
    turnover_time: Scalar = parameter(
        41.31,
        "day",
        "Epidermal turnover of the healthy attractor",
        source="shmarov2022",
        evidence="fitted",
        bounds=(5.0, 90.0),
    )
    compaction: Scalar = parameter(
        0.3,
        "dimensionless",
        "Dry volume of a corneocyte over that of the cell it was",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 1.0),
    )
    production_depth: Scalar = parameter(
        0.15,
        "dimensionless",
        "Where cells are made, as a fraction of the epidermis from the base",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 1.0),
    )
    mixing: Scalar = parameter(
        1.0,
        "um**2/day",
        "Mixing of cells over depth",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 100.0),
    )
    thickening: Scalar = parameter(
        1.0,
        "dimensionless",
        "Thickness of both layers over healthy; a hardened skin has more",
        source="definition",
        evidence="measured",
        bounds=(0.3, 4.0),
        prior_sd=0.01,
    )


class RestingTissue(AbstractSubmodel):
    """Cells made at the base, moving up, cornifying and shed, at the pace of healthy skin.

        u(ζ) = (h/τ) (1 − e^(−(1−ζ)/p))/(1 − e^(−1/p)),   h constant,   corneum: κ h/τ

    so that what the pigmentation sub-model reads of keratinocytes is what it reads in healthy
    skin. It has no state.
    """

    name = "resting_tissue"
    Parameters = RestingTissueParameters
    derives = (
        port("epidermal_thickness", "um", "Epidermis"),
        port("corneum_dry_thickness", "um", "Dry corneum"),
        port("epidermis_carriage", "um/day", "Carriage by living cells, `numerics.carriage`"),
        port("corneum_carriage", "um/day", "Carriage by corneocytes, `numerics.carriage`"),
        port("cornification_flux", "um/day", "Cornifying volume"),
        port("shedding_flux", "um/day", "Shed volume"),
        port("corneum_swelling", "dimensionless", "Hydrated over dry thickness"),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Nothing."""
        return {}

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Nothing."""
        return {}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Thicknesses and the carriage of both layers."""
        thickness = params.thickening * params.epidermal_thickness
        dry = params.thickening * params.corneum_thickness
        made = thickness / params.turnover_time
        below = 1.0 - grids[EPIDERMIS].faces
        upward = (
            made
            * jnp.expm1(-below / params.production_depth)
            / jnp.expm1(-1.0 / params.production_depth)
        )
        shed = params.compaction * made
        still = jnp.zeros(())
        flat = jnp.full_like(grids[CORNEUM].faces, 1.0) * shed
        return {
            "epidermal_thickness": thickness,
            "corneum_dry_thickness": dry,
            "epidermis_carriage": carriage(
                upward, params.mixing, thickness, still, grids[EPIDERMIS]
            ),
            "corneum_carriage": carriage(flat, 0.02 * params.mixing, dry, still, grids[CORNEUM]),
            "cornification_flux": made,
            "shedding_flux": shed,
            "corneum_swelling": params.swelling,
        }

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}


class PigmentReadoutParameters(AbstractParameters):
    """None of its own."""


class PigmentReadout(AbstractReadout):
    """Thicknesses and amounts that the optics and the tables read."""

    name = "pigment"
    Parameters = PigmentReadoutParameters
    observables = (
        observable("epidermal_thickness", "um", "Viable epidermis"),
        observable("corneum_thickness", "um", "Hydrated corneum"),
        observable("corneum_dry_thickness", "um", "Dry corneum"),
        observable("melanin_content", "um", "Melanosome volume of the epidermis per area"),
        observable("basal_transmission", "dimensionless", "UVB that reaches the base"),
        observable("mitf_activity", "dimensionless", "MITF and tyrosinase, 1 at rest"),
        observable("melanocyte_density", "cell/mm**2", "Melanocytes"),
    )

    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """See `observables`."""
        fraction = ports.eumelanin_fraction + ports.pheomelanin_fraction
        return {
            "epidermal_thickness": ports.epidermal_thickness,
            "corneum_thickness": ports.corneum_dry_thickness * ports.corneum_swelling,
            "corneum_dry_thickness": ports.corneum_dry_thickness,
            "melanin_content": fraction * ports.epidermal_thickness,
            "basal_transmission": ports.basal_transmission,
            "mitf_activity": ports.mitf_activity,
            "melanocyte_density": ports.melanocyte_density,
        }


def pigment_model(*, corneum_cells: int = 12, epidermis_cells: int = 16) -> SkinModel:
    """Pigmentation on resting tissue, with the seam and the grids of the coupled model.

    Args:
        corneum_cells: Depth cells of the stratum corneum.
        epidermis_cells: Depth cells of the viable epidermis.
    """
    return SkinModel(
        (RestingTissue(), Pigmentation()),
        ENVIRONMENT,
        (PigmentReadout(), SkinColour()),
        corneum_cells=corneum_cells,
        epidermis_cells=epidermis_cells,
    )


STEP = 0.25
"""Step of `pigment_course` [day]; the fastest rate is near 2 a day."""
_REST = 300.0


def pigment_course(
    model: SkinModel,
    params: SkinParameters,
    fluence: Float[Array, "step"],
    start: Float[Array, "state"] | None = None,
    step: float | Scalar = STEP,
) -> Float[Array, "step+1 state"]:
    """States of `pigment_model` through exposures, by the classical Runge-Kutta step of order 4.

    Nothing here is stiff, so the explicit step serves, and no Jacobian is made. Pure,
    differentiable and batchable.

    Args:
        model: From `pigment_model`.
        params: In declared units.
        fluence: Incident UVB at the start of each step [J/cm²], zero where there is none.
        start: Flat scaled state; default rest, found by 300 days without light.
        step: Length of a step [day].

    Returns:
        Flat scaled states before each exposure and at the end.
    """
    arguments = model.arguments(params)
    length = step * model.system.factor("day")
    nothing = jnp.zeros((len(SLOTS), 3))

    def rate(y: Array) -> Array:
        return model.tendency(0.0, y, arguments)

    def advance(y: Array) -> Array:
        first = rate(y)
        second = rate(y + 0.5 * length * first)
        third = rate(y + 0.5 * length * second)
        fourth = rate(y + length * third)
        return y + length / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)

    def lit(y: Array, light: Array) -> tuple[Array, Array]:
        events = Named(dose=nothing, fluence=light, strips=jnp.asarray(0.0))
        return advance(model.after_events(0.0, y, arguments, events)), y

    if start is None:
        dark = int(round(_REST / STEP))
        rested: Any = jax.lax.fori_loop(
            0, dark, lambda _, y: advance(y), model.initial_state(params)
        )
    else:
        rested = start
    end, before = jax.lax.scan(lit, rested, jnp.asarray(fluence, float))
    return jnp.concatenate([before, end[None]])


def observed(model: SkinModel, params: SkinParameters, states: Array) -> dict[str, Array]:
    """Every observable at each row of flat states, in declared units, shape (time,)."""
    arguments = model.arguments(params)
    return jax.vmap(lambda y: model.observe(0.0, y, arguments))(states)


def course_trajectory(
    model: SkinModel, params: SkinParameters, states: Array, days: Array
) -> Trajectory:
    """States of `pigment_course` as a trajectory, for `observables.optics.appearance`.

    Args:
        model: From `pigment_model`.
        params: In declared units.
        states: Flat scaled states, shape (time, state).
        days: Their times, shape (time,).
    """
    values = {name: np.asarray(value) for name, value in observed(model, params, states).items()}
    return Trajectory(model, np.asarray(days), np.asarray(states), values, Status.OK, len(days), 0)
