"""Water in the stratum corneum: sorption, diffusivity and the flux to the air."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

Field = Float[Array, "z"]


def sorption_scale(nmf: Array, params: Any) -> Array:
    """Uptake scale C of the isotherm, raised by natural moisturising factor [-]."""
    share = params.nmf_sorption
    return params.sorption_capacity * (1.0 - share + share * nmf)


def activity(water: Array, scale: Array, params: Any) -> Array:
    """Water activity a = w/(C + k w), the inverse of w = C a/(1 − k a) [-]."""
    return water / (scale + params.sorption_steepness * water)


def content(water_activity: Array, scale: Array, params: Any) -> Array:
    """Water per dry mass at equilibrium, w = C a/(1 − k a) [g/g]."""
    return scale * water_activity / (1.0 - params.sorption_steepness * water_activity)


def mobility(water: Array, scale: Array, lipid: Array, params: Any) -> Array:
    """Dry-frame mobility M(w), so that the water flux is −ρ M ∂a/∂s [length²/time].

    M = D/(1 + κw)² · dw/da with Fujita's D = D₀ e^{k(1−L)}/(1 − α w/w₁), w₁ the content at
    a = 1, and dw/da = (C + k w)²/C. The factor (1 + κw)² turns a diffusivity in space into one
    in the coordinate of the dry substance.
    """
    saturated = content(jnp.asarray(1.0), scale, params)
    relative = jnp.clip(water / saturated, 0.0, 1.0)
    tightness = jnp.exp(params.lipid_tightness * (1.0 - lipid))
    diffusivity = params.water_diffusivity * tightness / (1.0 - params.fujita_alpha * relative)
    slope = (scale + params.sorption_steepness * water) ** 2 / scale
    return diffusivity * slope / (1.0 + params.swelling * water) ** 2


def mean_mobility(ends: tuple[Array, Array], scale: Array, lipid: Array, params: Any) -> Array:
    """Mean of the mobility over the activities between two points [length²/time].

    With it M̄ (a₁ − a₂) = ∫ M da, the flux between points of one composition is exact however
    steeply M rises (Kirchhoff 1894); Simpson's rule, fourth order.

    Args:
        ends: Activities a₁ and a₂ [-].
        scale: Uptake scale between them [-].
        lipid: Relative lipid between them [-].
        params: Of the barrier.
    """
    middle = 0.5 * (ends[0] + ends[1])
    at = [mobility(content(a, scale, params), scale, lipid, params) for a in (*ends, middle)]
    return (at[0] + at[1] + 4.0 * at[2]) / 6.0


def surface_activity(
    top_activity: Array,
    conductance: Array,
    transfer: Array,
    humidity: Array,
    skin_saturation: Array,
    air_saturation: Array,
) -> Array:
    """Water activity a₀ at the surface, where the half cell and the air carry the same flux [-].

    Arguments as for `surface_loss`.
    """
    ambient = transfer * humidity * air_saturation
    return (conductance * top_activity + ambient) / (conductance + transfer * skin_saturation)


def surface_loss(
    top_activity: Array,
    conductance: Array,
    transfer: Array,
    humidity: Array,
    skin_saturation: Array,
    air_saturation: Array,
) -> Array:
    """Transepidermal water loss: the flux that both the top half cell and the air carry.

    J = G (a − a₀) = h (a₀ ρ_skin − RH ρ_air), solved for the surface activity a₀.

    Args:
        top_activity: Activity in the top cell [-].
        conductance: G = ρ M / (half the top cell) [mass/area/time].
        transfer: Mass-transfer coefficient h of the air [length/time].
        humidity: Relative humidity [-].
        skin_saturation: Saturated vapour density at skin temperature [mass/volume].
        air_saturation: The same at air temperature.

    Returns:
        Water loss, positive outwards [mass/area/time].
    """
    outside = (transfer, humidity, skin_saturation, air_saturation)
    surface = surface_activity(top_activity, conductance, *outside)
    return transfer * (surface * skin_saturation - humidity * air_saturation)
