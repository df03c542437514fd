"""Rate laws of the atopic-dermatitis model of Miyano et al. 2022 (14 ordinary equations).

Each function is pure JAX and broadcasts over any leading shape. The full published model
(`skinmech.published.miyano`) and the coupled skin model call the same functions, so that the
published trajectories test the code both use.

Units of the publication: weeks; barrier integrity s and infiltrated pathogens p are fractions
of their largest values; cells and cytokines are relative concentrations (`U`). Cytokine
arguments are *free* concentrations: a drug acts by lowering them before a law is called.
Symbols of the publication stand beside each parameter. Defaults are the medians exp(mu) of the
published log-normal population (mu as published); fields may be replaced by arrays.

References:
    Miyano T. et al. 2022: quantitative systems pharmacology of biologics in atopic dermatitis,
    equations and population parameters.
"""

from math import exp
from typing import NamedTuple

from jaxtyping import Array, Float

Quantity = Float[Array, "..."] | float


class BarrierParameters(NamedTuple):
    """Recovery and damage of barrier integrity s."""

    recovery_rate: Quantity = exp(0.537)
    """Recovery without IL-22 [1/week], `k1`."""
    IL22_recovery_rate: Quantity = exp(-1.5)
    """Recovery gained per IL-22 [1/week/U], `k2`."""
    treatment_recovery_rate: Quantity = exp(2.95)
    """Recovery added from the start of any trial arm, placebo included [1/week], `k3`."""
    IL4_inhibition: Quantity = exp(-8.69)
    """Inhibition of recovery by IL-4 [1/U], `b1`."""
    IL13_inhibition: Quantity = exp(-3.54)
    """Inhibition of recovery by IL-13 [1/U], `b2`."""
    IL17_inhibition: Quantity = exp(-3.92)
    """Inhibition of recovery by IL-17A [1/U], `b3`."""
    IL22_inhibition: Quantity = exp(-0.595)
    """Inhibition of recovery by IL-22 [1/U], `b4`."""
    IL31_inhibition: Quantity = exp(-2.09)
    """Inhibition of recovery by IL-31 [1/U], `b5`."""
    damage_rate: Quantity = exp(-1.599)
    """Damage without pathogens [1/week], `d1`."""
    scratch_damage_rate: Quantity = exp(-2.64)
    """Damage by IL-31 driven scratching [1/week/U], `d2`."""
    pathogen_damage: Quantity = exp(1.25)
    """Amplification of damage per infiltrated pathogen [-], `d3`."""


class PathogenParameters(NamedTuple):
    """Infiltration and clearance of pathogens p; infiltration rate k4 equals `d8`."""

    barrier_protection: Quantity = exp(0.395)
    """Reduction of infiltration by barrier integrity [-], `b6`."""
    pathogen_clearance: Quantity = exp(-1.0)
    """Clearance induced by pathogens themselves [-], `d4`."""
    IL17_clearance: Quantity = exp(-5.1)
    """Clearance gained by IL-17A [1/U], `d5`."""
    IL22_clearance: Quantity = exp(-5.01)
    """Clearance gained by IL-22 [1/U], `d6`."""
    IFNg_clearance: Quantity = exp(-8.7)
    """Clearance gained by IFN-gamma [1/U], `d7`."""
    IL4_suppression: Quantity = exp(-7.99)
    """Suppression of clearance by IL-4 [1/U], `b7`."""
    IL13_suppression: Quantity = exp(-3.5)
    """Suppression of clearance by IL-13 [1/U], `b8`."""
    basal_clearance_rate: Quantity = exp(-1.599)
    """Basal clearance, and infiltration without barrier [1/week], `d8` = `k4`."""
    induced_clearance_rate: Quantity = 1.0
    """Clearance without any cytokine [1/week]; the unit factor implied in the publication."""


class THelperParameters(NamedTuple):
    """Differentiation and loss of the four T-helper subsets."""

    Th1_rate: Quantity = exp(2.95)
    """Differentiation to Th1 per pathogen [U/week], `k5`."""
    Th2_rate: Quantity = exp(3.89)
    """Differentiation to Th2 per pathogen [U/week], `k6`."""
    Th17_rate: Quantity = exp(2.6)
    """Differentiation to Th17 per pathogen [U/week], `k7`."""
    Th22_rate: Quantity = exp(4.83)
    """Differentiation to Th22 per pathogen [U/week], `k8`."""
    IFNg_bias: Quantity = exp(-3.32)
    """Bias of naive cells towards Th1 by IFN-gamma [1/U], `k9`."""
    IL4_bias: Quantity = exp(-5.82)
    """Bias of naive cells towards Th2 by IL-4 [1/U], `k10`."""
    loss_rate: Quantity = exp(-0.5482)
    """Loss of T-helper cells without OX40L [1/week], `d9`."""
    OX40L_survival: Quantity = exp(-2.66)
    """Prolonged survival by OX40L [1/U], `b9`."""


class CytokineKinetics(NamedTuple):
    """Linear production by one driver, basal production and clearance of one cytokine."""

    production_rate: Quantity
    """Production per driver [1/week]."""
    basal_rate: Quantity
    """Production without the driver [U/week]."""
    clearance_rate: Quantity
    """Clearance [1/week]."""


class CytokineParameters(NamedTuple):
    """Kinetics of the eight cytokines; the driver and published symbols are named by each."""

    IL4: CytokineKinetics = CytokineKinetics(exp(5.5), exp(9.25), exp(5.908))
    """Driven by Th2; `k11`, `k12`, `d10`."""
    IL13: CytokineKinetics = CytokineKinetics(exp(6.65), exp(8.84), exp(5.908))
    """Driven by Th2; `k13`, `k14`, `d11`."""
    IL17: CytokineKinetics = CytokineKinetics(exp(4.01), exp(2.64), exp(3.332))
    """Driven by Th17; `k15`, `k16`, `d12`."""
    IL22: CytokineKinetics = CytokineKinetics(exp(1.19), exp(1.46), exp(3.332))
    """Driven by Th22; `k17`, `k18`, `d13`."""
    IL31: CytokineKinetics = CytokineKinetics(exp(1.54), exp(1.99), exp(3.332))
    """Driven by Th2; `k19`, `k20`, `d14`."""
    IFNg: CytokineKinetics = CytokineKinetics(exp(0.459), exp(2.62), exp(2.681))
    """Driven by Th1; `k21`, `k22`, `d15`."""
    TSLP: CytokineKinetics = CytokineKinetics(exp(4.0), exp(4.43), exp(3.332))
    """Driven by pathogens; `k23`, `k24`, `d16`."""
    OX40L: CytokineKinetics = CytokineKinetics(exp(0.421), exp(1.68), exp(0.4824))
    """Driven by TSLP; `k25`, `k26`, `d17`."""


def barrier_recovery(
    IL4: Quantity,
    IL13: Quantity,
    IL17: Quantity,
    IL22: Quantity,
    IL31: Quantity,
    added_recovery: Quantity,
    parameters: BarrierParameters,
) -> Quantity:
    """Recovery rate of the damaged fraction of the barrier [1/week].

    (k1 + k2·IL22 + k3)/((1+b1·IL4)(1+b2·IL13)(1+b3·IL17)(1+b4·IL22)(1+b5·IL31))

    Args:
        IL4: Free IL-4 [U]; likewise `IL13`, `IL17`, `IL22`, `IL31`.
        IL13: Free IL-13 [U].
        IL17: Free IL-17A [U].
        IL22: Free IL-22 [U].
        IL31: Free IL-31 [U].
        added_recovery: k3 [1/week], recovery from skin care: 0 before treatment,
            `treatment_recovery_rate` in every arm of a trial.
        parameters: Barrier kinetics.

    Returns:
        Recovery rate; multiply by (1 − s) for the flux.
    """
    k = parameters
    inhibition = (
        (1 + k.IL4_inhibition * IL4)
        * (1 + k.IL13_inhibition * IL13)
        * (1 + k.IL17_inhibition * IL17)
        * (1 + k.IL22_inhibition * IL22)
        * (1 + k.IL31_inhibition * IL31)
    )
    return (k.recovery_rate + k.IL22_recovery_rate * IL22 + added_recovery) / inhibition


def barrier_damage(pathogen: Quantity, IL31: Quantity, parameters: BarrierParameters) -> Quantity:
    """Damage rate of the intact barrier, d1·(1 + d3·p) + d2·IL31 [1/week]."""
    k = parameters
    return k.damage_rate * (1 + k.pathogen_damage * pathogen) + k.scratch_damage_rate * IL31


def barrier_integrity(barrier: Quantity, recovery: Quantity, damage: Quantity) -> Quantity:
    """s' = (1 − s)·recovery − s·damage [1/week]."""
    return (1 - barrier) * recovery - barrier * damage


def pathogen_infiltration(barrier: Quantity, parameters: PathogenParameters) -> Quantity:
    """Entry of pathogens through the barrier, k4/(1 + b6·s) with k4 = d8 [1/week]."""
    k = parameters
    return k.basal_clearance_rate / (1 + k.barrier_protection * barrier)


def pathogen_clearance(
    pathogen: Quantity,
    IL4: Quantity,
    IL13: Quantity,
    IL17: Quantity,
    IL22: Quantity,
    IFNg: Quantity,
    parameters: PathogenParameters,
) -> Quantity:
    """Clearance rate of pathogens [1/week].

    r·(1+d4·p)(1+d5·IL17)(1+d6·IL22)(1+d7·IFNg)/((1+b7·IL4)(1+b8·IL13)) + d8, with r = 1/week,
    a factor that the publication leaves out.
    """
    k = parameters
    defence = (
        (1 + k.pathogen_clearance * pathogen)
        * (1 + k.IL17_clearance * IL17)
        * (1 + k.IL22_clearance * IL22)
        * (1 + k.IFNg_clearance * IFNg)
    )
    suppression = (1 + k.IL4_suppression * IL4) * (1 + k.IL13_suppression * IL13)
    return k.induced_clearance_rate * defence / suppression + k.basal_clearance_rate


def pathogens(pathogen: Quantity, infiltration: Quantity, clearance: Quantity) -> Quantity:
    """p' = infiltration − p·clearance [1/week]."""
    return infiltration - pathogen * clearance


def t_helper_rates(
    pathogen: Quantity,
    Th1: Quantity,
    Th2: Quantity,
    Th17: Quantity,
    Th22: Quantity,
    IL4: Quantity,
    IFNg: Quantity,
    OX40L: Quantity,
    parameters: THelperParameters,
) -> tuple[Quantity, Quantity, Quantity, Quantity]:
    """Rates of change of the T-helper subsets.

    Th1' = k5·p·(1 + k9·IFNg)/N − L·Th1,  Th2' = k6·p·(1 + k10·IL4)/N − L·Th2,
    Th17' = k7·p/N − L·Th17,  Th22' = k8·p/N − L·Th22,
    with N = 4 + k9·IFNg + k10·IL4 and L = d9/(1 + b9·OX40L).

    Args:
        pathogen: Infiltrated pathogens p [-].
        Th1: Th1 cells [U]; likewise `Th2`, `Th17`, `Th22`.
        Th2: Th2 cells [U].
        Th17: Th17 cells [U].
        Th22: Th22 cells [U].
        IL4: Free IL-4 [U].
        IFNg: Free IFN-gamma [U].
        OX40L: Free OX40 ligand [U].
        parameters: T-helper kinetics.

    Returns:
        (Th1', Th2', Th17', Th22') [U/week].
    """
    k = parameters
    competition = 4 + k.IFNg_bias * IFNg + k.IL4_bias * IL4
    loss = k.loss_rate / (1 + k.OX40L_survival * OX40L)
    d_Th1 = k.Th1_rate * pathogen * (1 + k.IFNg_bias * IFNg) / competition - loss * Th1
    d_Th2 = k.Th2_rate * pathogen * (1 + k.IL4_bias * IL4) / competition - loss * Th2
    d_Th17 = k.Th17_rate * pathogen / competition - loss * Th17
    d_Th22 = k.Th22_rate * pathogen / competition - loss * Th22
    return d_Th1, d_Th2, d_Th17, d_Th22


def cytokine(driver: Quantity, concentration: Quantity, kinetics: CytokineKinetics) -> Quantity:
    """c' = k·driver + k0 − d·c [U/week]."""
    k = kinetics
    return k.production_rate * driver + k.basal_rate - k.clearance_rate * concentration


def cytokine_steady_state(driver: Quantity, kinetics: CytokineKinetics) -> Quantity:
    """Concentration (k·driver + k0)/d [U] of a cytokine in balance with its driver."""
    k = kinetics
    return (k.production_rate * driver + k.basal_rate) / k.clearance_rate


def easi(barrier: Quantity, pathogen: Quantity) -> Quantity:
    """Eczema Area and Severity Index, 72·(2p + 2(1 − s))/4 [0-72]."""
    return 72 * (2 * pathogen + 2 * (1 - barrier)) / 4
