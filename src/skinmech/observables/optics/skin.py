"""Skin as a stack of layers: from melanin over depth and blood to a spectrum and its indices."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from .chromophores import (
    WAVELENGTHS,
    blood_absorption,
    bloodless_absorption,
    eumelanosome_absorption,
    pheomelanosome_absorption,
    reduced_scattering,
)
from .colorimetry import cielab, ita
from .layers import half_space, slab, stack_reflectance, through_surface
from .parameters import OpticsParameters


class SkinLayers(NamedTuple):
    """What the optics needs to know, from the surface down.

    Attributes:
        thickness: Of each layer of corneum and epidermis [um], shape (layer,).
        eumelanin: Volume fraction of eumelanosomes, shape (layer,).
        pheomelanin: Volume fraction of pheomelanosomes, shape (layer,).
        redness: Blood of the papillary dermis over blood at rest; 1 without erythema, shape ().
        dermal_melanin: Volume fraction in the papillary dermis (after inflammation), shape ().
    """

    thickness: Float[Array, "layer"]
    eumelanin: Float[Array, "layer"]
    pheomelanin: Float[Array, "layer"]
    redness: Array
    dermal_melanin: Array


class Colour(NamedTuple):
    """What instruments tell of a spectrum, each of shape ().

    Attributes:
        lightness: CIE L*.
        red: CIE a*.
        yellow: CIE b*.
        ita: Individual typology angle [degree].
        melanin_index: −100 log₁₀ R₆₅₅.
        erythema_index: 100 (log₁₀ R₆₅₅ − log₁₀ R₅₆₈).
    """

    lightness: Array
    red: Array
    yellow: Array
    ita: Array
    melanin_index: Array
    erythema_index: Array


def skin_layers(
    epidermis: float | Array = 80.0,
    fraction: float | Array = 0.02,
    *,
    corneum: float | Array = 15.0,
    pheomelanin_share: float | Array = 0.25,
    corneum_share: float | Array = 0.3,
    redness: float | Array = 1.0,
    dermal_melanin: float | Array = 0.0,
) -> SkinLayers:
    """Plain skin: one corneum on one evenly pigmented epidermis.

    Args:
        epidermis: Thickness of the living epidermis [um].
        fraction: Volume fraction of melanosomes in it.
        corneum: Thickness of the corneum [um].
        pheomelanin_share: Share of pheomelanosomes.
        corneum_share: Melanin of the corneum over that of the epidermis, per volume; assumed.
        redness: See `SkinLayers`.
        dermal_melanin: See `SkinLayers`.
    """
    melanin = fraction * jnp.asarray([corneum_share, 1.0])
    return SkinLayers(
        jnp.stack([jnp.asarray(corneum, float), jnp.asarray(epidermis, float)]),
        (1.0 - pheomelanin_share) * melanin,
        pheomelanin_share * melanin,
        jnp.asarray(redness, float),
        jnp.asarray(dermal_melanin, float),
    )


def skin_reflectance(
    layers: SkinLayers, params: OpticsParameters | None = None
) -> Float[Array, "w"]:
    """Diffuse reflectance at `WAVELENGTHS`, gloss left out, shape (41,); differentiable.

    Corneum and epidermis hold melanin and no blood, the papillary dermis blood (more when red) and
    what melanin fell into it, on an endless reticular dermis.

    Validity: 380-780 nm, smooth surface, layers flat and wide against the light's path.

    Args:
        layers: What the skin is made of.
        params: In declared units; default the published values.
    """
    p: Any = OpticsParameters() if params is None else params
    x = jnp.asarray(WAVELENGTHS)
    eumelanin = eumelanosome_absorption(x, p.eumelanin_scale)
    pheomelanin = pheomelanosome_absorption(x, p.pheomelanin_scale)
    plain = bloodless_absorption(x)
    blood = blood_absorption(x, p.haemoglobin, p.saturation, p.vessel_radius)
    held = layers.eumelanin + layers.pheomelanin
    upper = (
        layers.eumelanin[:, None] * eumelanin
        + layers.pheomelanin[:, None] * pheomelanin
        + (1.0 - held)[:, None] * plain
    )
    filled = p.papillary_blood * layers.redness
    papillary = (
        filled * blood + layers.dermal_melanin * eumelanin + (1.0 - filled) * plain
    )  # fmt: skip
    reticular = p.reticular_blood * blood + (1.0 - p.reticular_blood) * plain
    above = reduced_scattering(x, p.epidermis_scattering, 0.29, 0.689)
    dermis = reduced_scattering(x, p.dermis_scattering, 0.41, 0.562)
    stack = slab(
        jnp.concatenate([upper, papillary[None]]),
        jnp.concatenate([jnp.broadcast_to(above, upper.shape), dermis[None]]),
        1e-4 * jnp.append(layers.thickness, p.papillary_thickness),
    )
    inside = stack_reflectance(stack, half_space(reticular, dermis))
    return through_surface(inside, p.refractive_index)


def skin_colour(reflectance: Float[Array, "w"], observer: str = "10") -> Colour:
    """CIE colour under D65 and the narrow-band indices of a spectrum at `WAVELENGTHS`."""
    lightness, red, yellow = cielab(reflectance, observer)
    x = jnp.asarray(WAVELENGTHS)
    deep, green = (jnp.log10(jnp.interp(w, x, reflectance)) for w in (655.0, 568.0))
    return Colour(
        lightness, red, yellow, ita(lightness, yellow), -100.0 * deep, 100.0 * (deep - green)
    )
