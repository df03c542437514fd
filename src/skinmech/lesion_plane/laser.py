"""A laser pulse by wavelength, fluence, duration and spot: melanosomes broken, epidermis heated.

Light at depth z of a beam of fluence H and spot w, with R the skin's diffuse reflectance:

    φ(z) = H (1 + 6.9 R w/(w + w₀)) e^(−∫ μ_eff dz),   μ_eff = √(3 μ_a (μ_a + μ_s'))

(1 + 6.9 R: surface value of Gardner, Jacques and Welch 1996 for a wide beam). A melanosome of
diameter a cools with τ = a²/(27 κ); a pulse of length t breaks it at

    φ_th = H₀(λ) (1 + t/τ),   H₀ = 0.159 J/cm² (λ/800 nm)^b,  b = 3.33 below 800 nm, 5.1 above

through the measured thresholds of cavitation by nanosecond pulses, 0.159 J/cm² at 800 nm and
4.5 J/cm² at 1540 nm (bovine), and below 800 nm as the absorption of melanin; broken is the share
Φ(ln(φ/φ_th)/s). The epidermis heats by μ_a φ/(ρ c (1 + t/τ_e)), τ_e = d²/(16 κ), and is burnt where
Henriques' integral A (t + τ_e) e^(−E/(R T)) passes 1. (Anderson and Parrish 1983.)
"""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..modelling.model import SkinModel
from ..modelling.parameters import SkinParameters
from ..observables.optics import SkinLayers, skin_reflectance
from ..observables.optics.chromophores import (
    WAVELENGTHS,
    bloodless_absorption,
    eumelanosome_absorption,
    pheomelanosome_absorption,
    reduced_scattering,
)
from ..observables.optics.parameters import OpticsParameters
from .laser_parameters import declared
from .plane import Plane, PlaneState

_P = declared()
_GAS = 8.314  # J/mol/K


@dataclasses.dataclass(frozen=True)
class Laser:
    """A pulse.

    Attributes:
        wavelength: nm, 400 to 1540; colours above 780 use the reflectance at 780.
        fluence: J/cm².
        duration: s.
        spot: Diameter [mm].
        cooling: Degrees by which the skin is cooled before the pulse.
    """

    wavelength: float
    fluence: float
    duration: float
    spot: float = 5.0
    cooling: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no laser does; every problem at once.

        Raises:
            ValueError: a wavelength, fluence, duration or spot out of range.
        """
        limits = {
            "wavelength": (400.0, 1540.0, "nm"),
            "fluence": (0.0, 500.0, "J/cm2"),
            "duration": (1e-13, 1.0, "s"),
            "spot": (0.1, 50.0, "mm"),
            "cooling": (0.0, 40.0, "K"),
        }
        problems = [
            f"Laser {name}: expected {low:g} to {high:g} {unit}, got {getattr(self, name)}."
            for name, (low, high, unit) in limits.items()
            if not low <= getattr(self, name) <= high
        ]
        if problems:
            raise ValueError("\n".join(problems))


class _Beam(NamedTuple):
    """A laser as arrays, so that one compiled program serves every pulse."""

    wavelength: Array
    fluence: Array
    duration: Array
    spot: Array
    cooling: Array


def _beam(laser: Laser) -> _Beam:
    return _Beam(*(jnp.asarray(value, float) for value in dataclasses.astuple(laser)))


class Heating(NamedTuple):
    """What a pulse does to the epidermis.

    Attributes:
        peak: Highest temperature over depth [degC].
        damage: Henriques' integral there; above 1 is a burn.
        is_burnt: Whether it is.
    """

    peak: Array
    damage: Array
    is_burnt: Array


def threshold_fluence(wavelength: float | Array, duration: float | Array) -> Array:
    """Local fluence that breaks half of the melanosomes [J/cm²]; see the module."""
    ratio = jnp.asarray(wavelength) / 800.0
    power = jnp.where(ratio < 1.0, _P["short_power"], _P["long_power"])
    short = _P["threshold"] * ratio**power
    return short * (1.0 + jnp.asarray(duration) / relaxation_time(_P["melanosome_diameter"]))


def relaxation_time(diameter: float) -> float:
    """Time in which a sphere of this diameter [um] loses its heat, a²/(27 κ) [s]."""
    return diameter**2 / (27.0 * _P["heat_diffusivity"])


def _absorption(layers: SkinLayers, wavelength: Array, p: OpticsParameters) -> Array:
    x = wavelength[None]
    held = layers.eumelanin + layers.pheomelanin
    return (
        layers.eumelanin * eumelanosome_absorption(x, p.eumelanin_scale)
        + layers.pheomelanin * pheomelanosome_absorption(x, p.pheomelanin_scale)
        + (1.0 - held) * bloodless_absorption(x)
    )


def _fluence(layers: SkinLayers, laser: _Beam, p: OpticsParameters) -> Float[Array, "layer+1"]:
    """Fluence in the middle of each layer, and at the lower face of the last [J/cm²]."""
    spectrum = skin_reflectance(layers, p)
    reflected = jnp.interp(laser.wavelength, jnp.asarray(WAVELENGTHS), spectrum)
    gained = 1.0 + _P["backscatter"] * reflected * laser.spot / (laser.spot + _P["spot_half"])
    absorbed = _absorption(layers, laser.wavelength, p)
    scattered = reduced_scattering(laser.wavelength[None], p.epidermis_scattering, 0.29, 0.689)
    depth = jnp.sqrt(3.0 * absorbed * (absorbed + scattered)) * layers.thickness * 1e-4
    below = jnp.cumsum(depth)
    return laser.fluence * gained * jnp.exp(-jnp.append(below - 0.5 * depth, below[-1]))


def broken_melanosomes(
    layers: SkinLayers, laser: Laser, params: OpticsParameters | None = None
) -> Float[Array, "layer+1"]:
    """Share of melanosomes broken in each layer from the surface, and at the top of the dermis."""
    return _broken(layers, _beam(laser), OpticsParameters() if params is None else params)


@jax.jit
def _broken(layers: SkinLayers, laser: _Beam, p: OpticsParameters) -> Array:
    threshold = threshold_fluence(laser.wavelength, laser.duration)
    light = jnp.maximum(_fluence(layers, laser, p), 1e-30)
    return jax.scipy.stats.norm.cdf(jnp.log(light / threshold) / _P["threshold_spread"])


def epidermal_heating(
    layers: SkinLayers, laser: Laser, params: OpticsParameters | None = None
) -> Heating:
    """Peak temperature of the epidermis and whether it burns; `layers` give the phototype.

    Validity: heat averaged over a layer; mechanical damage of nanosecond pulses is not in it.
    """
    return _heating(layers, _beam(laser), OpticsParameters() if params is None else params)


@jax.jit
def _heating(layers: SkinLayers, laser: _Beam, p: OpticsParameters) -> Heating:
    light = _fluence(layers, laser, p)[:-1]
    cooling_time = jnp.sum(layers.thickness) ** 2 / (16.0 * _P["heat_diffusivity"])
    rise = _absorption(layers, laser.wavelength, p) * light / _P["heat_capacity"]
    rise = jnp.max(rise) / (1.0 + laser.duration / cooling_time)
    peak = _P["skin_temperature"] - laser.cooling + rise
    exponent = (
        _P["burn_log_rate"]
        + jnp.log(laser.duration + cooling_time)
        - _P["burn_energy"] / _GAS / peak
    )
    damage = jnp.exp(jnp.minimum(exponent, 700.0))
    return Heating(peak - 273.15, damage, damage > 1.0)


def column_layers(model: SkinModel, params: SkinParameters, y: Float[Array, "state"]) -> SkinLayers:
    """The optics' layers of a column at one flat state, without redness."""
    pigment = model.unpack(y)["pigmentation"]
    seen = model.evaluate(0.0, y, model.arguments(params))[1]
    micron = model.system.factor("um")
    dry, living = seen["corneum_dry_thickness"], seen["epidermal_thickness"]
    spread = dry / seen["corneum_thickness"] if "corneum_thickness" in seen else 1.0
    return SkinLayers(
        jnp.concatenate(
            [dry / spread * model.grids["corneum"].widths, living * model.grids["epidermis"].widths]
        )
        / micron,
        jnp.concatenate([pigment.corneum_eumelanin * spread, pigment.eumelanin]),
        jnp.concatenate([pigment.corneum_pheomelanin * spread, pigment.pheomelanin]),
        jnp.asarray(1.0),
        jnp.asarray(0.0),
    )


def laser_pulse(
    model: SkinModel, params: SkinParameters, y: Float[Array, "state"], laser: Laser
) -> Float[Array, "state"]:
    """The flat state of a column right after a pulse: an event as a function of states.

    Broken melanosomes are gone at each depth, and from the melanocytes as at the base. Run to the
    day of the pulse, apply, and go on from there.

    Args:
        model: The coupled model, or that of `skinmech.pigment_model`.
        params: In declared units.
        y: Flat scaled state before the pulse.
        laser: The pulse.
    """
    broken = broken_melanosomes(column_layers(model, params, y), laser)
    corneum = model.grids["corneum"].num_cells
    states = model.unpack(y)
    pigment = dict(states["pigmentation"])
    for kind in ("eumelanin", "pheomelanin"):
        pigment[f"corneum_{kind}"] = pigment[f"corneum_{kind}"] * (1.0 - broken[:corneum])
        pigment[kind] = pigment[kind] * (1.0 - broken[corneum:-1])
        pigment[f"stored_{kind}"] = pigment[f"stored_{kind}"] * (1.0 - broken[-1])
    return model.pack({**states, "pigmentation": pigment})


def pulse_on_plane(
    plane: Plane,
    state: PlaneState,
    laser: Laser,
    layers: SkinLayers,
    centre: tuple[float, float] | None = None,
) -> PlaneState:
    """The fields of a plane right after a pulse at `centre` [mm]; default its middle.

    Melanin breaks as in healthy skin of these layers, times the local pigment; a burn leaves
    inflammation, and so what may become a dark spot. Melanin of the dermis meets the light that is
    left at the basal layer.
    """
    cells = state.melanin.shape[0]
    at = (jnp.arange(cells) + 0.5) * plane.size / cells
    x, y = (plane.size / 2, plane.size / 2) if centre is None else centre
    apart = jnp.hypot(at[None, :] - x, at[:, None] - y)
    lit = jax.nn.sigmoid((laser.spot / 2 - apart) / 0.1)
    broken = broken_melanosomes(layers, laser)
    melanin = layers.thickness * (layers.eumelanin + layers.pheomelanin)
    epidermal = jnp.sum(broken[:-1] * melanin) / jnp.sum(melanin)
    heated = epidermal_heating(layers, laser)
    burn = -jnp.expm1(-heated.damage)
    return state._replace(
        melanin=state.melanin * (1.0 - lit * epidermal),
        dermal_melanin=state.dermal_melanin * (1.0 - lit * broken[-1]),
        inflammation=jnp.maximum(state.inflammation, lit * burn),
    )
