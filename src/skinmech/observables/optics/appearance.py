"""The spectrum and colour of a simulated skin over time, read from its states afterwards."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np

from ...numerics.grid import Depth1D
from ...trajectory import Trajectory
from .colorimetry import srgb
from .parameters import OpticsParameters
from .skin import Colour, SkinLayers, skin_colour, skin_reflectance


@dataclasses.dataclass(frozen=True)
class Appearance:
    """How skin looks over time.

    Attributes:
        days: Shape (time,).
        reflectance: At `WAVELENGTHS`, shape (time, 41).
        colour: Every field of shape (time,).
        screen: sRGB, shape (time, 3).
        melanin: Volume fraction of melanosomes over depth, corneum first, shape (time, layer).
        thickness: Of the layers [um], shape (time, layer).
    """

    days: np.ndarray
    reflectance: np.ndarray
    colour: Colour
    screen: np.ndarray
    melanin: np.ndarray
    thickness: np.ndarray


def appearance(
    trajectory: Trajectory, params: OpticsParameters | None = None, observer: str = "10"
) -> Appearance:
    """Reflectance, colour and indices at every saved time of a simulation.

    Needs no state of its own and nothing of the solver: the layers are the model's cells, with
    their melanin of both kinds, the corneum at its hydrated thickness.

    Args:
        trajectory: Of a model with pigmentation and the observables `corneum_thickness` and
            `epidermal_thickness`.
        params: Optics in declared units.
        observer: `"2"` or `"10"` degrees.
    """
    params = OpticsParameters() if params is None else params
    layers = layers_of(trajectory, params)
    reflectance = np.asarray(_spectra(layers, params))
    colours = jax.vmap(functools.partial(skin_colour, observer=observer))(jnp.asarray(reflectance))
    return Appearance(
        days=trajectory.times,
        reflectance=reflectance,
        colour=jax.tree.map(np.asarray, colours),
        screen=np.asarray(jax.vmap(srgb)(jnp.asarray(reflectance))),
        melanin=np.asarray(layers.eumelanin + layers.pheomelanin),
        thickness=np.asarray(layers.thickness),
    )


@jax.jit
def _spectra(layers: SkinLayers, params: OpticsParameters) -> jax.Array:
    return jax.vmap(skin_reflectance, in_axes=(0, None))(layers, params)


def layers_of(trajectory: Trajectory, params: OpticsParameters) -> SkinLayers:
    """The layers of skin at every saved time, leading axis time."""
    grids: dict[str, Depth1D] = trajectory.model.grids
    widths = [np.asarray(grids[name].widths) for name in ("corneum", "epidermis")]
    corneum = np.asarray(trajectory["corneum_thickness"])[:, None] * widths[0]
    living = np.asarray(trajectory["epidermal_thickness"])[:, None] * widths[1]
    swollen = _dry(trajectory)[:, None] * widths[0] / corneum

    def melanin(kind: str) -> jax.Array:
        # Melanin of the corneum is counted per dry volume; water spreads it.
        outer = trajectory.field(f"pigmentation.corneum_{kind}") * swollen
        inner = trajectory.field(f"pigmentation.{kind}")
        return jnp.maximum(jnp.asarray(np.concatenate([outer, inner], axis=1)), 0.0)

    red = 1.0 + np.asarray(params.erythema_gain) * trajectory.field("pigmentation.erythema")
    return SkinLayers(
        thickness=jnp.asarray(np.concatenate([corneum, living], axis=1)),
        eumelanin=melanin("eumelanin"),
        pheomelanin=melanin("pheomelanin"),
        redness=jnp.asarray(np.reshape(red, -1)),
        dermal_melanin=jnp.zeros(len(trajectory.times)),
    )


def _dry(trajectory: Trajectory) -> np.ndarray:
    if "corneum_dry_thickness" in trajectory.values:
        return np.asarray(trajectory["corneum_dry_thickness"])
    return np.reshape(trajectory.field("keratinocytes.corneum_thickness"), -1)
