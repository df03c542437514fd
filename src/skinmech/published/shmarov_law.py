"""Rate laws of the psoriatic epidermis-immune loop of Shmarov et al. 2022 (model file v8_4).

Each function is pure JAX and broadcasts over any leading shape. The full published model
(`skinmech.published.shmarov`) and the coupled skin model call the same functions, so that the
published steady states test the code both use.

Units of the publication: cells per mm² of skin, days, cytokines in the model's own
concentration unit (`U`), UVB fluence in J/cm². Symbols of the model file are given beside each
parameter. Parameters are plain floats (published values as defaults); any of them may be
replaced by an array, e.g. ``KeratinocyteParameters()._replace(desquamation_rate=rate)``.

References:
    Shmarov F. et al. 2022, model "psor_v8_4": the SBML file of the authors.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

Quantity = Float[Array, "..."] | float


class KeratinocyteParameters(NamedTuple):
    """Kinetics of the stem (SC), transit-amplifying (TA) and differentiated (D) pools.

    Rates per signal multiply c = IL-17A + TNF; quadratic losses are crowding losses.
    """

    stem_division_rate: Quantity = 1.7635e-3
    """Symmetric stem-cell division per signal [1/day/U], `sc2`."""
    stem_commitment_rate: Quantity = 1.5415e-3
    """Transit-amplifying cells made per stem cell and signal [1/day/U], `sc2ta`."""
    transit_division_rate: Quantity = 1.7562e-3
    """Transit-amplifying division per signal [1/day/U], `ta2`."""
    differentiation_rate: Quantity = 1.8063e-3
    """Differentiated cells made per transit cell and signal [1/day/U], `ta2d`."""
    stem_crowding_loss: Quantity = 1.8135e-5
    """Quadratic loss of stem cells [mm²/cell/day], `sc20`."""
    transit_crowding_loss: Quantity = 3.7321e-6
    """Quadratic loss of transit cells [mm²/cell/day], `ta20`."""
    differentiated_crowding_loss: Quantity = 5.05e-7
    """Quadratic loss of differentiated cells [mm²/cell/day], `d20`."""
    apoptosis_rate: Quantity = 0.0036
    """Basal apoptosis of every pool [1/day], `a_base`."""
    desquamation_rate: Quantity = 0.004752946
    """Shedding of differentiated cells [1/day], `desq`."""
    stem_survivors: Quantity = 3947.21
    """Stem-cell density below which UVB kills none [cells/mm²], `sc_min`."""
    transit_survivors: Quantity = 22224.4
    """Transit-cell density below which UVB kills none [cells/mm²], `ta_min`."""


class ImmuneParameters(NamedTuple):
    """Kinetics of T cells (T), dendritic cells (DC) and apoptotic cells (A)."""

    t_cell_activation_rate: Quantity = 55.0
    """T cells activated per IL-23 [cells/mm²/day/U], `t2`."""
    immune_clearance_rate: Quantity = 1.51
    """Loss of T cells and of dendritic cells [1/day], `t20`."""
    apoptosis_rate: Quantity = 0.0036
    """Basal apoptosis of T and dendritic cells [1/day], `a_base`."""
    dendritic_activation_maximum: Quantity = 6000.0
    """Largest growth-factor driven activation [cells/mm²/day], `t_vm`."""
    dendritic_activation_constant: Quantity = 3e12
    """Half-saturation of the Hill term, already to the power n [Uⁿ], `t_kp`."""
    dendritic_activation_power: Quantity = 4.0
    """Hill exponent n of growth-factor driven activation [-], `n`."""
    dendritic_basal_activation: Quantity = 1880.0
    """Activation without growth factors [cells/mm²/day], `dc_act`."""
    apoptotic_clearance_rate: Quantity = 36.0
    """Clearance of apoptotic cells [1/day], `a20`."""
    t_cell_survivors: Quantity = 1556.09
    """T-cell density below which UVB kills none [cells/mm²], `t_min`."""
    dendritic_survivors: Quantity = 1563.06
    """Dendritic-cell density below which UVB kills none [cells/mm²], `dc_min`."""


class SignalParameters(NamedTuple):
    """Production and clearance of IL-17A, TNF, IL-23 and epidermal growth factors (GF)."""

    IL17_production_rate: Quantity = 0.5
    """IL-17A made per T cell [U·mm²/cell/day], `il172`."""
    TNF_production_rate: Quantity = 0.5
    """TNF made per T cell [U·mm²/cell/day], `tnf2`."""
    IL23_production_rate: Quantity = 1.0
    """IL-23 made per dendritic cell [U·mm²/cell/day], `il232`."""
    stem_growth_factor_rate: Quantity = 1.0
    """Growth factors made per stem cell [U·mm²/cell/day], `sc2gf`."""
    transit_growth_factor_rate: Quantity = 1.0
    """Growth factors made per transit cell [U·mm²/cell/day], `ta2gf`."""
    IL17_clearance_rate: Quantity = 36.5
    """Clearance of IL-17A [1/day], `il1720`."""
    TNF_clearance_rate: Quantity = 36.5
    """Clearance of TNF [1/day], `tnf20`."""
    IL23_clearance_rate: Quantity = 36.5
    """Clearance of IL-23 [1/day], `il2320`."""
    growth_factor_clearance_rate: Quantity = 36.5
    """Clearance of growth factors [1/day], `gf20`."""


def inflammatory_signal(IL17: Quantity, TNF: Quantity) -> Quantity:
    """Signal c = IL-17A + TNF [U] that drives keratinocyte proliferation."""
    return IL17 + TNF


def differentiated_supply(
    transit: Quantity, signal: Quantity, parameters: KeratinocyteParameters
) -> Quantity:
    """Flux of cells that enter the differentiated pool, ta2d·c·TA [cells/mm²/day]."""
    return parameters.differentiation_rate * signal * transit


def keratinocyte_pools(
    stem: Quantity,
    transit: Quantity,
    differentiated: Quantity,
    signal: Quantity,
    uv_kill: Quantity,
    parameters: KeratinocyteParameters,
) -> tuple[Quantity, Quantity, Quantity]:
    """Rates of change of the three keratinocyte pools.

    SC' = sc2·c·SC − sc20·SC² − u·(SC − SCmin) − a·SC
    TA' = sc2ta·c·SC + ta2·c·TA − ta20·TA² − u·(TA − TAmin) − a·TA
    D'  = ta2d·c·TA − d20·D² − (a + desq)·D

    Args:
        stem: Stem cells SC [cells/mm²].
        transit: Transit-amplifying cells TA [cells/mm²].
        differentiated: Differentiated cells D [cells/mm²].
        signal: Inflammatory signal c [U], see `inflammatory_signal`.
        uv_kill: Phototherapy kill rate u = fluence × efficacy [1/day]; 0 without light.
        parameters: Kinetics.

    Returns:
        (SC', TA', D') [cells/mm²/day]. The UV term restores a pool that lies below its
        survivor density, as in the publication.
    """
    k = parameters
    d_stem = (
        k.stem_division_rate * signal * stem
        - k.stem_crowding_loss * stem**2
        - uv_kill * (stem - k.stem_survivors)
        - k.apoptosis_rate * stem
    )
    d_transit = (
        k.stem_commitment_rate * signal * stem
        + k.transit_division_rate * signal * transit
        - k.transit_crowding_loss * transit**2
        - uv_kill * (transit - k.transit_survivors)
        - k.apoptosis_rate * transit
    )
    d_differentiated = (
        differentiated_supply(transit, signal, k)
        - k.differentiated_crowding_loss * differentiated**2
        - (k.apoptosis_rate + k.desquamation_rate) * differentiated
    )
    return d_stem, d_transit, d_differentiated


def t_cells(
    t_cell: Quantity, IL23: Quantity, uv_kill: Quantity, parameters: ImmuneParameters
) -> Quantity:
    """T' = t2·IL23 − t20·T − u·(T − Tmin) − a·T [cells/mm²/day]."""
    k = parameters
    return (
        k.t_cell_activation_rate * IL23
        - k.immune_clearance_rate * t_cell
        - uv_kill * (t_cell - k.t_cell_survivors)
        - k.apoptosis_rate * t_cell
    )


def dendritic_activation(growth_factor: Quantity, parameters: ImmuneParameters) -> Quantity:
    """Activation vm·GFⁿ/(kp + GFⁿ) + act of dendritic cells [cells/mm²/day]."""
    k = parameters
    power = jnp.power(growth_factor, k.dendritic_activation_power)
    driven = k.dendritic_activation_maximum * power / (k.dendritic_activation_constant + power)
    return driven + k.dendritic_basal_activation


def dendritic_cells(
    dendritic: Quantity,
    growth_factor: Quantity,
    stimulus: Quantity,
    uv_kill: Quantity,
    parameters: ImmuneParameters,
) -> Quantity:
    """DC' = vm·GFⁿ/(kp + GFⁿ) + act + stimulus − t20·DC − u·(DC − DCmin) − a·DC.

    Args:
        dendritic: Dendritic cells DC [cells/mm²].
        growth_factor: Epidermal growth factors GF [U].
        stimulus: External activation, e.g. a trigger of onset [cells/mm²/day].
        uv_kill: Phototherapy kill rate [1/day].
        parameters: Kinetics.

    Returns:
        DC' [cells/mm²/day].
    """
    k = parameters
    return (
        dendritic_activation(growth_factor, k)
        + stimulus
        - k.immune_clearance_rate * dendritic
        - uv_kill * (dendritic - k.dendritic_survivors)
        - k.apoptosis_rate * dendritic
    )


def signals(
    stem: Quantity,
    transit: Quantity,
    t_cell: Quantity,
    dendritic: Quantity,
    IL17: Quantity,
    TNF: Quantity,
    IL23: Quantity,
    growth_factor: Quantity,
    parameters: SignalParameters,
) -> tuple[Quantity, Quantity, Quantity, Quantity]:
    """Rates of change (IL17', TNF', IL23', GF') [U/day]: linear production and clearance."""
    k = parameters
    d_IL17 = k.IL17_production_rate * t_cell - k.IL17_clearance_rate * IL17
    d_TNF = k.TNF_production_rate * t_cell - k.TNF_clearance_rate * TNF
    d_IL23 = k.IL23_production_rate * dendritic - k.IL23_clearance_rate * IL23
    d_growth_factor = (
        k.stem_growth_factor_rate * stem
        + k.transit_growth_factor_rate * transit
        - k.growth_factor_clearance_rate * growth_factor
    )
    return d_IL17, d_TNF, d_IL23, d_growth_factor


def turnover_time(
    stem: Quantity,
    transit: Quantity,
    differentiated: Quantity,
    signal: Quantity,
    parameters: KeratinocyteParameters,
) -> Quantity:
    """Epidermal turnover time [day].

    (SC + TA)/(sc2·c·SC + sc2ta·c·SC + ta2·c·TA) + D/(ta2d·c·TA): mean residence in the
    proliferating compartment plus that in the differentiated one.
    """
    k = parameters
    proliferation = signal * (
        (k.stem_division_rate + k.stem_commitment_rate) * stem + k.transit_division_rate * transit
    )
    supply = differentiated_supply(transit, signal, k)
    return (stem + transit) / proliferation + differentiated / supply
