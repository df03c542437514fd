"""Melanocytes, interferon, T cells and melanin over a patch of skin, step by step.

    ∂c/∂t = ∇·(D g ∇c) + r c (1 − c) + ρ(1 + β l) f (1 − c) − k i c        melanocytes
    ∂i/∂t = D_i ∇²i + s τ − d_i i                                           interferon-gamma
    τ'    = a i²/(K² + i²) c (1 − τ) − d_τ (1 + γ l) τ                        T cells (CXCL10)
    m'    = δ (c u (1 + α l w + α_p p) − m) − σ p m                         epidermal melanin
    p'    = −d_p p,    e' = σ p m − φ e                                     inflammation, dermis

g = 1 + μ l with l = F/(K_l + F) the effect of light F (daily mean UVB); f the follicles' reservoir.
CXCL10 calls T cells only where melanocytes still are, and more than in
proportion, so that a small seed dies out and a larger one spreads as a front of depigmentation.
u the set-point of pigment, w its sensitivity to light (both raised in melasma). All fields are
relative to healthy skin. Without follicles and infiltrate the first line is Fisher's equation,
whose front runs at 2 √(r D g).

Strang's splitting: half a step of the local kinetics (classical Runge-Kutta of order four), a full
step of diffusion, half a step of kinetics. Diffusion is solved in cosine modes, exactly, where it
does not vary over the plane (it does not: l is one number of the plane). Second order in time and
space, positive, no-flux edges.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .parameters import LesionParameters

Field = Float[Array, "y x"]


class PlaneState(NamedTuple):
    """Fields over (y, x), all relative to healthy skin, shape (y, x).

    Attributes:
        melanocytes: Density, 1 in healthy skin.
        interferon: Interferon-gamma, 0 in healthy skin.
        infiltrate: T cells of the epidermis, 0 to 1.
        melanin: Epidermal, 1 in healthy skin.
        inflammation: 0 to 1.
        dermal_melanin: Held by phages of the dermis, as epidermal melanin.
    """

    melanocytes: Field
    interferon: Field
    infiltrate: Field
    melanin: Field
    inflammation: Field
    dermal_melanin: Field


class Plane(eqx.Module):
    """A patch of skin and what is fixed on it.

    Attributes:
        size: Length of an edge [mm].
        reservoir: Melanocytes held by follicles, 0 to 1, shape (y, x).
        set_point: Pigment aimed at, 1 in healthy skin, shape (y, x).
        sensitivity: To light, 1 in healthy skin, shape (y, x).
    """

    size: float = eqx.field(static=True)
    reservoir: Field
    set_point: Field
    sensitivity: Field

    @staticmethod
    def plain(cells: int = 64, size: float = 20.0) -> "Plane":
        """Hairless skin of `cells` by `cells` over a square of `size` mm.

        Raises:
            ValueError: fewer than four cells or no area.
        """
        if cells < 4 or not size > 0:
            raise ValueError(f"Expected at least 4 cells and a positive size, got {cells}, {size}.")
        ones = jnp.ones((cells, cells))
        return Plane(size, jnp.zeros_like(ones), ones, ones)


class Course(NamedTuple):
    """States of a plane over time: `days` of shape (time,), fields of shape (time, y, x)."""

    days: np.ndarray
    state: PlaneState


def resting_state(plane: Plane) -> PlaneState:
    """Healthy skin at its set-point in the dark."""
    zeros = jnp.zeros_like(plane.set_point)
    return PlaneState(jnp.ones_like(zeros), zeros, zeros, plane.set_point, zeros, zeros)


def _kinetics(state: PlaneState, plane: Plane, light: Array, p: LesionParameters) -> PlaneState:
    c, i, tau, m, inflamed, dermal = state
    lit = light / (p.light_half + light)
    released = p.reservoir_release * (1.0 + p.light_release * lit) * plane.reservoir
    recruited = p.infiltrate_rate * i**2 / (p.interferon_half**2 + i**2) * c
    induced = 1.0 + p.induction * lit * plane.sensitivity + p.inflammatory_induction * inflamed
    spilt = p.spill * inflamed * m
    return PlaneState(
        p.renewal * c * (1.0 - c) + released * (1.0 - c) - p.killing * i * c,
        p.interferon_source * tau - p.interferon_loss * i,
        recruited * (1.0 - tau) - p.infiltrate_loss * (1.0 + p.light_kill * lit) * tau,
        p.melanin_turnover * (c * plane.set_point * induced - m) - spilt,
        -p.inflammation_loss * inflamed,
        spilt - p.phagocytosis * dermal,
    )


def _moved(state: PlaneState, scale: Array | float, rate: PlaneState) -> PlaneState:
    return jax.tree.map(lambda y, dy: y + scale * dy, state, rate)


def _react(
    state: PlaneState, plane: Plane, light: Array, p: LesionParameters, step: Array | float
) -> PlaneState:
    first = _kinetics(state, plane, light, p)
    second = _kinetics(_moved(state, 0.5 * step, first), plane, light, p)
    third = _kinetics(_moved(state, 0.5 * step, second), plane, light, p)
    fourth = _kinetics(_moved(state, step, third), plane, light, p)
    mean = jax.tree.map(
        lambda a, b, c, d: (a + 2.0 * b + 2.0 * c + d) / 6.0, first, second, third, fourth
    )
    return _moved(state, step, mean)


def _modes(cells: int) -> np.ndarray:
    """Cosine modes of a no-flux edge as rows, orthonormal, shape (cells, cells)."""
    k, x = np.arange(cells)[:, None], np.arange(cells)[None, :]
    modes = np.sqrt(2.0 / cells) * np.cos(np.pi * k * (x + 0.5) / cells)
    modes[0] /= np.sqrt(2.0)
    return modes


def _spread(field: Field, size: float, amount: Array) -> Field:
    """A field after diffusion by D t = `amount` [mm2], of the five-point Laplacian, exactly."""
    cells = field.shape[0]
    modes = jnp.asarray(_modes(cells))
    width = size / cells
    wave = jnp.asarray(2.0 * (1.0 - np.cos(np.pi * np.arange(cells) / cells))) / width**2
    decay = jnp.exp(-amount * (wave[:, None] + wave[None, :]))
    return modes.T @ (decay * (modes @ field @ modes.T)) @ modes


def _advance(
    state: PlaneState, plane: Plane, light: Array, p: LesionParameters, step: float
) -> PlaneState:
    state = _react(state, plane, light, p, 0.5 * step)
    lit = light / (p.light_half + light)
    mobility = p.mobility * (1.0 + p.migration_gain * lit)
    state = state._replace(
        melanocytes=_spread(state.melanocytes, plane.size, mobility * step),
        interferon=_spread(state.interferon, plane.size, p.interferon_spread * step),
    )
    return _react(state, plane, light, p, 0.5 * step)


def simulate_plane(
    plane: Plane,
    start: PlaneState,
    light: Float[Array, "save"] | float,
    params: LesionParameters | None = None,
    *,
    days: float = 168.0,
    save_every: float = 14.0,
    step: float = 0.5,
) -> Course:
    """A patch of skin through time; pure and differentiable in start, light and parameters.

    Args:
        plane: The patch.
        start: Fields at day zero.
        light: Daily mean UVB [J/cm²], one number or one per stretch between saves.
        params: In declared units.
        days: How long; a whole number of `save_every`.
        save_every: Days between saved states; a whole number of `step`.
        step: Length of a step [day].

    Raises:
        ValueError: lengths that do not divide.
    """
    saves, inner = round(days / save_every), round(save_every / step)
    if abs(saves * save_every - days) > 1e-9 or abs(inner * step - save_every) > 1e-9:
        raise ValueError(
            f"Expected days as a multiple of save_every and that of step, got {days}, "
            f"{save_every} and {step}."
        )
    params = LesionParameters() if params is None else params
    shining = jnp.broadcast_to(jnp.asarray(light, float), (saves,))
    states = _run(plane, start, shining, params, inner, step)
    whole = jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), start, states)
    return Course(np.arange(saves + 1) * save_every, whole)


@eqx.filter_jit
def _run(
    plane: Plane, start: PlaneState, light: Array, params: LesionParameters, inner: int, step: float
) -> PlaneState:
    def stretch(state: PlaneState, shine: Array) -> tuple[PlaneState, PlaneState]:
        state, _ = jax.lax.scan(
            lambda s, _: (_advance(s, plane, shine, params, step), None), state, None, length=inner
        )
        return state, state

    return jax.lax.scan(stretch, start, light)[1]
