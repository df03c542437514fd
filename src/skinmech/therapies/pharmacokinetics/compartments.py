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
    topical, volumes and clearances are per square metre, the depot is the product on the skin and
    the central compartment is the living skin under it.

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
        corneum_permeability: k_p of healthy stratum corneum from water, [L/m²/day]; zero for all
            that is not put on the skin.
        viable_permeability: Between the corneum and the middle of the viable epidermis [L/m²/day].
        solubility: S in water [nM].
        saturating_depot: Depot of one application at the label's strength [nM].
        unbound: Free fraction in the central compartment that diffuses back [1].
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
    corneum_permeability: Float[Array, " *slots"]
    viable_permeability: Float[Array, " *slots"]
    solubility: Float[Array, " *slots"]
    saturating_depot: Float[Array, " *slots"]
    unbound: Float[Array, " *slots"]
    reference_weight: Float[Array, " *slots"]
    clearance_exponent: Float[Array, " *slots"]
    central_volume_exponent: Float[Array, " *slots"]
    intercompartmental_exponent: Float[Array, " *slots"]
    peripheral_volume_exponent: Float[Array, " *slots"]
    maximum_elimination_exponent: Float[Array, " *slots"]


def pk_tendency(
    state: Float[Array, " 3"],
    params: PKParameters,
    zero_order_rate: Scalar | float = 0.0,
    permeability: Scalar | float = 1.0,
) -> Float[Array, " 3"]:
    """Rate of change of depot D, central C and peripheral P.

        dD/dt = s·R/V_c − k_a·D − J/V_c
        dC/dt = F·k_a·D + J/V_c − (CL/V_c)·C − V_m·C/(K_m + |C|) − (Q/V_c)·(C − P)
        dP/dt = (Q/V_p)·(C − P)

    D is the amount in the depot over the central volume, so that all three are in nM. The input
    rate R [mg/day] enters the depot, so that bioavailability and absorption act on it as on a dose.
    J is what crosses the stratum corneum under a product on the skin, and zero for any other drug:

        J = (S·x/(1 + x) − f_u·C) / (1/(b·k_p) + 1/k_v),   x = D/D_sat

    with the drug's activity x/(1 + x) in a vehicle that the label's strength half saturates, its
    solubility S in water, corneum and viable epidermis in series, and b the permeability of this
    corneum over that of healthy skin. k_a then is what washing and shedding remove (F = 0).
    Transit delays, lag times and target-mediated binding are not represented.

    Args:
        state: D, C, P [nM], shape (3,).
        params: Parameters of one slot.
        zero_order_rate: R [mg/day] ([mg/m²/day] for what is put on the skin).
        permeability: b [1].

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
    # |D| for the same reason: no pole where a step undershoots.
    dissolved = params.solubility * depot / (jnp.abs(depot) + params.saturating_depot)
    crossing = _conductance(params, permeability) * (dissolved - params.unbound * central) / volume
    return jnp.stack(
        [
            params.amount_scale * zero_order_rate / volume - absorption - crossing,
            params.bioavailability * absorption + crossing - elimination - exchange / volume,
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


def _conductance(params: PKParameters, permeability: Scalar | float) -> Scalar:
    """Stratum corneum and upper viable epidermis in series [L/m²/day]."""
    corneum = permeability * params.corneum_permeability
    return corneum * params.viable_permeability / (corneum + params.viable_permeability)


def average_concentration(
    params: PKParameters, rate: Scalar | float, permeability: Scalar | float = 1.0
) -> Scalar:
    """Steady-state central concentration under a constant input.

    Solves F·s·R/V_c = (CL/V_c)·C + V_m·C/(K_m + C), which without saturable elimination is
    C = s·F·R/CL: the average over a dosing interval of dose R·interval. Under a product on the skin
    the depot solves s·R/V_c = k_a·D + G·S·D/(V_c·(D + D_sat)), G the conductance from the vehicle
    to the blood, and C = G·S·D/((D + D_sat)·CL).

    Args:
        params: Parameters of one slot; its clearance must not be zero.
        rate: R [mg/day] ([mg/m²/day] for what is put on the skin).
        permeability: Of the stratum corneum over that of healthy skin [1].

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
    return jnp.where(linear > 0, small, large) + _through_corneum(params, rate, permeability)


def _through_corneum(
    params: PKParameters, rate: Scalar | float, permeability: Scalar | float
) -> Scalar:
    """Steady concentration under a product on the skin [nM]; zero for any other drug."""
    into = _conductance(params, permeability)
    is_topical = into > 0
    through = (
        into
        * params.clearance
        / jnp.where(is_topical, into * params.unbound + params.clearance, 1.0)
    )
    flux = through * params.solubility / params.central_volume
    inflow = params.amount_scale * rate / params.central_volume
    removal = jnp.where(is_topical, params.absorption_rate, 1.0)
    linear = removal * params.saturating_depot + flux - inflow
    root = jnp.sqrt(linear**2 + 4.0 * removal * inflow * params.saturating_depot)
    # Both forms are the positive root; each is free of cancellation on its side.
    few = 2.0 * inflow * params.saturating_depot / (root + jnp.abs(linear))
    depot = jnp.where(linear > 0, few, (root - linear) / (2.0 * removal))
    crossing = flux * depot / (depot + params.saturating_depot)
    rate_constant = params.clearance / params.central_volume
    return crossing / jnp.where(is_topical, rate_constant, 1.0)


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
