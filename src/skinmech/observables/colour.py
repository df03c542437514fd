"""Skin colour: reflectance in three bands, melanin and erythema index, L*, ITA."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter
from ..modelling.ports import Named, observable
from ..modelling.submodel import AbstractReadout

Scalar = Float[Array, ""]
BANDS = (450.0, 560.0, 655.0)
"""Blue, green and red band centres [nm]."""


class ColourParameters(AbstractParameters):
    """A two-layer reflectance: melanin filters what the blood-holding dermis returns."""

    dermis_reflectance: Float[Array, "band"] = parameter(
        (0.34, 0.42, 0.62),
        "dimensionless",
        "Reflectance of pale dermis with resting blood",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 0.95),
        labels=tuple(f"{band:.0f} nm" for band in BANDS),
        prior_sd=0.1,
    )
    melanosome_absorption: Scalar = parameter(
        6.6e11,
        "1/cm",
        "Absorption of a melanosome, times (wavelength/nm)^-3.33",
        source="jacques_optics",
        evidence="measured",
        bounds=(6e10, 7e12),
        prior_sd=0.4,
    )
    path_factor: Scalar = parameter(
        2.4,
        "dimensionless",
        "Path of diffuse light through the epidermis, down and up, over its thickness",
        source="assumed",
        evidence="assumed",
        bounds=(1.5, 6.0),
        prior_sd=0.2,
    )
    eumelanin_slope: Scalar = parameter(
        3.33,
        "dimensionless",
        "Wavelength exponent of melanosome absorption",
        source="jacques_optics",
        evidence="measured",
        bounds=(2.5, 4.5),
        prior_sd=0.03,
    )
    pheomelanin_weight: Scalar = parameter(
        0.5,
        "dimensionless",
        "Absorption of pheomelanin over eumelanin",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 1.5),
        prior_sd=0.2,
    )
    blood_redness: Scalar = parameter(
        3.0,
        "cm**2/J",
        "Extra green absorbance per unit of erythemal damage",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 50.0),
    )


class SkinColour(AbstractReadout):
    """Reflectance R(λ) = R_dermis e^(−blood) e^(−path · f · μ(λ) h), and the indices from it.

    MI = −100 log₁₀ R₆₅₅, EI = 100 (log₁₀ R₆₅₅ − log₁₀ R₅₆₀), L* from R₅₆₀,
    ITA = atan((L* − 50)/b*) 180/π with b* from the contrast of green and blue.

    Validity: a three-band summary; spectra are not resolved.
    """

    name = "colour"
    Parameters = ColourParameters
    observables = (
        observable(
            "melanin_index",
            "dimensionless",
            "-100 log10 of red reflectance",
            noise="additive",
            noise_size=1.5,
        ),
        observable(
            "erythema_index",
            "dimensionless",
            "100 log10 of red over green reflectance",
            noise="additive",
            noise_size=1.5,
        ),
        observable("lightness", "dimensionless", "CIE L*", noise="additive", noise_size=1.0),
        observable("ita", "degree", "Individual typology angle", noise="additive", noise_size=3.0),
    )

    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """See `observables`."""
        fraction = ports.eumelanin_fraction + params.pheomelanin_weight * ports.pheomelanin_fraction
        wavelength = jnp.asarray(BANDS)
        absorption = params.melanosome_absorption * wavelength**-params.eumelanin_slope
        melanin = params.path_factor * fraction * absorption * ports.epidermal_thickness
        blood = params.blood_redness * ports.uv_erythema * jnp.asarray([0.6, 1.0, 0.05])
        reflectance = params.dermis_reflectance * jnp.exp(-melanin - blood)
        blue, green, red = reflectance[0], reflectance[1], reflectance[2]
        lightness = 116.0 * jnp.cbrt(green) - 16.0
        yellow = 200.0 * (jnp.cbrt(green) - jnp.cbrt(blue))
        return {
            "melanin_index": -100.0 * jnp.log10(red),
            "erythema_index": 100.0 * (jnp.log10(red) - jnp.log10(green)),
            "lightness": lightness,
            "ita": jnp.arctan2(lightness - 50.0, yellow),
        }
