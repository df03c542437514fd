"""Depot, central and peripheral compartments with linear and saturable elimination."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

Scalar = Float[Array, ""]


class PKParameters(eqx.Module):
    """Parameters of one slot (scalar leaves), or of all slots (leading axis, use `jax.vmap`).

    The state is a concentration in nM for a molecule and an amount in g/m² for a film on the skin;
    `amount_scale` carries the difference, so that one compiled program serves every drug. For a
    topical, volumes and clearances are per square metre and the central compartment is the skin.

    Attributes:
        absorption_rate: k_a [1/day].
        bioavailability: F [1].
        clearance: CL [L/day].
        central_volume: V_c [L].
        intercompartmental_clearance: Q [L/day]; zero makes one compartment.
        peripheral_volume: V_p [L].
        maximum_elimination: V_m [nM/day].
        michaelis_constant: K_m [nM].
        amount_scale: State per dose per volume [nM·L/mg] (10⁶ over molar mass).
        reference_weight: Body weight that the values hold for [kg].
        clearance_exponent: Allometric exponent of CL [1].
        central_volume_exponent: Of V_c.
        intercompartmental_exponent: Of Q.
        peripheral_volume_exponent: Of V_p.
        maximum_elimination_exponent: Of V_m.
    """

    absorption_rate: Float[Array, " *slots"]
    bioavailability: Float[Array, " *slots"]
    clearance: Float[Array, " *slots"]
    central_volume: Float[Array, " *slots"]
    intercompartmental_clearance: Float[Array, " *slots"]
    peripheral_volume: Float[Array, " *slots"]
    maximum_elimination: Float[Array, " *slots"]
    michaelis_constant: Float[Array, " *slots"]
    amount_scale: Float[Array, " *slots"]
    reference_weight: Float[Array, " *slots"]
    clearance_exponent: Float[Array, " *slots"]
    central_volume_exponent: Float[Array, " *slots"]
    intercompartmental_exponent: Float[Array, " *slots"]
    peripheral_volume_exponent: Float[Array, " *slots"]
    maximum_elimination_exponent: Float[Array, " *slots"]


def pk_tendency(
    state: Float[Array, " 3"], params: PKParameters, zero_order_rate: Scalar | float = 0.0
) -> Float[Array, " 3"]:
    """Rate of change of depot D, central C and peripheral P.

        dD/dt = s·R/V_c − k_a·D
        dC/dt = F·k_a·D − (CL/V_c)·C − V_m·C/(K_m + |C|) − (Q/V_c)·(C − P)
        dP/dt = (Q/V_p)·(C − P)

    D is the amount in the depot over the central volume, so that all three are in nM. The input
    rate R [mg/day] enters the depot, so that bioavailability and absorption act on it as on a dose.
    Transit delays, lag times and target-mediated binding are not represented.

    Args:
        state: D, C, P [nM], shape (3,).
        params: Parameters of one slot.
        zero_order_rate: R [mg/day] ([mg/m²/day] for what is put on the skin).

    Returns:
        Tendencies [nM/day], shape (3,).
    """
    depot, central, peripheral = state
    volume = params.central_volume
    absorption = params.absorption_rate * depot
    # |C| keeps the saturable term smooth and without a pole where a solver step undershoots zero.
    saturable = (
        params.maximum_elimination * central / (params.michaelis_constant + jnp.abs(central))
    )
    elimination = params.clearance / volume * central + saturable
    exchange = params.intercompartmental_clearance * (central - peripheral)
    return jnp.stack(
        [
            params.amount_scale * zero_order_rate / volume - absorption,
            params.bioavailability * absorption - elimination - exchange / volume,
            exchange / params.peripheral_volume,
        ]
    )


def dose_increment(
    params: PKParameters, amount: Scalar | float, into_central: Scalar | float = 0.0
) -> Float[Array, " 3"]:
    """Jump of the state at a dose.

    Args:
        params: Parameters of one slot.
        amount: Dose [mg] ([mg/m²] for what is put on the skin).
        into_central: 1 for an intravenous dose, 0 for any other.

    Returns:
        Increment of depot, central and peripheral [nM], shape (3,).
    """
    jump = params.amount_scale * amount / params.central_volume
    return jnp.stack([jump * (1.0 - into_central), jump * into_central, jnp.zeros_like(jump)])


def central_concentration(state: Float[Array, "... 3"]) -> Float[Array, " ..."]:
    """Total concentration in the central compartment [nM]."""
    return state[..., 1]


def mass_concentration(
    params: PKParameters, concentration: Float[Array, " ..."]
) -> Float[Array, " ..."]:
    """Convert a concentration from nM to mg/L."""
    return concentration / params.amount_scale


def average_concentration(params: PKParameters, rate: Scalar | float) -> Scalar:
    """Steady-state central concentration under a constant input.

    Solves F·s·R/V_c = (CL/V_c)·C + V_m·C/(K_m + C), which without saturable elimination is
    C = s·F·R/CL: the average over a dosing interval of dose R·interval.

    Args:
        params: Parameters of one slot; its clearance must not be zero.
        rate: R [mg/day] ([mg/m²/day] for what is put on the skin).

    Returns:
        Concentration [nM].
    """
    inflow = params.bioavailability * params.amount_scale * rate / params.central_volume
    rate_constant = params.clearance / params.central_volume
    linear = rate_constant * params.michaelis_constant + params.maximum_elimination - inflow
    product = 4.0 * rate_constant * inflow * params.michaelis_constant
    root = jnp.sqrt(linear**2 + product)
    # Both forms are the positive root; each is free of cancellation on its side.
    large = (root - linear) / (2.0 * rate_constant)
    small = 2.0 * inflow * params.michaelis_constant / (root + jnp.abs(linear))
    return jnp.where(linear > 0, small, large)


def scale_to_weight(params: PKParameters, weight: Scalar | float) -> PKParameters:
    """Parameters for a body weight, P(W) = P·(W/W_ref)^exponent where an exponent is published.

    Args:
        params: Parameters at their reference weight.
        weight: Body weight W [kg].

    Returns:
        Parameters that hold for `weight`, their new reference.
    """
    ratio = weight / params.reference_weight
    scaled = (
        params.clearance * ratio**params.clearance_exponent,
        params.central_volume * ratio**params.central_volume_exponent,
        params.intercompartmental_clearance * ratio**params.intercompartmental_exponent,
        params.peripheral_volume * ratio**params.peripheral_volume_exponent,
        params.maximum_elimination * ratio**params.maximum_elimination_exponent,
        params.reference_weight * ratio,
    )
    return eqx.tree_at(
        lambda p: (
            p.clearance,
            p.central_volume,
            p.intercompartmental_clearance,
            p.peripheral_volume,
            p.maximum_elimination,
            p.reference_weight,
        ),
        params,
        scaled,
    )
