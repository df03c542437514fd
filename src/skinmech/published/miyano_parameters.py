"""Declared parameters of the published Miyano 2022 model, and its virtual population."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter
from .miyano_law import (
    BarrierParameters,
    CytokineKinetics,
    CytokineParameters,
    PathogenParameters,
    THelperParameters,
)

Scalar = Float[Array, ""]
CYTOKINES = ("IL-4", "IL-13", "IL-17A", "IL-22", "IL-31", "IFN-gamma", "TSLP", "OX40L")
"""Order of the cytokine family, that of `CytokineParameters`."""


class MiyanoLaws(NamedTuple):
    """Parameters of all laws of the model."""

    barrier: BarrierParameters = BarrierParameters()
    pathogens: PathogenParameters = PathogenParameters()
    t_helpers: THelperParameters = THelperParameters()
    cytokines: CytokineParameters = CytokineParameters()


_LAWS = MiyanoLaws()
_PATHS = (
    "barrier.recovery_rate barrier.IL22_recovery_rate barrier.treatment_recovery_rate "
    "barrier.IL4_inhibition barrier.IL13_inhibition barrier.IL17_inhibition "
    "barrier.IL22_inhibition barrier.IL31_inhibition barrier.damage_rate "
    "barrier.scratch_damage_rate barrier.pathogen_damage pathogens.barrier_protection "
    "pathogens.pathogen_clearance pathogens.IL17_clearance pathogens.IL22_clearance "
    "pathogens.IFNg_clearance pathogens.IL4_suppression pathogens.IL13_suppression "
    "pathogens.basal_clearance_rate t_helpers.Th1_rate t_helpers.IFNg_bias t_helpers.loss_rate "
    "t_helpers.OX40L_survival t_helpers.Th2_rate t_helpers.IL4_bias t_helpers.Th17_rate "
    "t_helpers.Th22_rate"
).split() + [
    f"cytokines.{name}.{rate}"
    for name in ("IL4", "IL13", "IL17", "IL22", "IL31", "IFNg", "TSLP", "OX40L")
    for rate in ("production_rate", "basal_rate", "clearance_rate")
]  # fmt: skip
PUBLISHED_ORDER: tuple[str, ...] = tuple(_PATHS)
"""Paths into `MiyanoLaws` in the order of the published parameter vector (51)."""

PUBLISHED_LOG_SD: tuple[float, ...] = (
    0.793, 0.39, 1.42, 0.575, 1.58, 0.349, 0.798, 0.903, 1.53, 0.567, 2.28, 0.444, 0.474, 0.445,
    0.389, 0.62, 0.092, 0.048, 0.0357, 0.0379, 0.994, 0.0883, 0.3, 0.00306, 0.0675, 0.0697,
    0.475, 0.163, 0.506, 0.219, 0.37, 0.454, 0.111, 0.268, 0.85, 0.571, 0.206, 0.0277, 0.561,
    0.187, 0.576, 0.1, 1.0, 0.353, 0.146, 0.522, 0.649, 0.204, 0.481, 0.78, 0.236,
)  # fmt: skip
"""Standard deviations of the logarithms between patients (Miyano 2022), published order."""


def _lookup(laws: MiyanoLaws, path: str) -> Scalar | float:
    value = laws
    for name in path.split("."):
        value = getattr(value, name)
    return value  # pyright: ignore[reportReturnType] -- the path ends at a number


def typical_values() -> np.ndarray:
    """Medians of the published population, published order, shape (51,)."""
    return np.array([_lookup(_LAWS, path) for path in PUBLISHED_ORDER])


def laws_of(values: Float[Array, "51"] | Sequence[float]) -> MiyanoLaws:
    """Law parameters from the published vector.

    Args:
        values: Positive values in the published order and units (weeks), length 51.

    Returns:
        The parameters of all laws.

    Raises:
        ValueError: If the length is not 51.
    """
    if len(values) != len(PUBLISHED_ORDER):
        raise ValueError(f"Expected exactly {len(PUBLISHED_ORDER)} values, got {len(values)}.")
    table = dict(zip(PUBLISHED_ORDER, values, strict=True))

    def group(prefix: str, kind):
        names = [name for name in kind._fields if f"{prefix}.{name}" in table]
        return kind(**{name: table[f"{prefix}.{name}"] for name in names})

    kinetics = {
        name: group(f"cytokines.{name}", CytokineKinetics) for name in CytokineParameters._fields
    }
    return MiyanoLaws(
        group("barrier", BarrierParameters),
        group("pathogens", PathogenParameters),
        group("t_helpers", THelperParameters),
        CytokineParameters(**kinetics),
    )


def virtual_patient(deviates: Float[Array, "51"]) -> MiyanoLaws:
    """A member of the published population, exp(mu + sigma·z) with standard normal z."""
    return laws_of(
        jnp.asarray(typical_values()) * jnp.exp(jnp.asarray(PUBLISHED_LOG_SD) * deviates)
    )


def _published(path: str, unit: str, description: str):
    """Declare one value of the publication, within a factor of 20 of its median."""
    value = float(_lookup(_LAWS, path))
    spread = PUBLISHED_LOG_SD[PUBLISHED_ORDER.index(path)]
    return parameter(
        value, unit, f"{description} (median of the population)", source="miyano2022",
        evidence="fitted", bounds=(value / 20, value * 20), prior_sd=spread,
    )  # fmt: skip


def _family(rate: str, unit: str, description: str):
    values = tuple(float(getattr(kinetics, rate)) for kinetics in _LAWS.cytokines)
    return parameter(
        values, unit, description, source="miyano2022", evidence="fitted", labels=CYTOKINES,
        bounds=(min(values) / 20, max(values) * 20),
    )  # fmt: skip


_RATE, _FREE = "1/week", "dimensionless"


class MiyanoParameters(AbstractParameters):
    """Medians of the published population; concentrations are relative (dimensionless)."""

    recovery_rate: Scalar = _published("barrier.recovery_rate", _RATE, "Barrier recovery, k1")
    IL22_recovery_rate: Scalar = _published(
        "barrier.IL22_recovery_rate", _RATE, "Barrier recovery by IL-22, k2"
    )
    treatment_recovery_rate: Scalar = _published(
        "barrier.treatment_recovery_rate", _RATE, "Recovery added in every trial arm, k3"
    )
    IL4_inhibition: Scalar = _published(
        "barrier.IL4_inhibition", _FREE, "Inhibition of recovery by IL-4, b1"
    )
    IL13_inhibition: Scalar = _published(
        "barrier.IL13_inhibition", _FREE, "Inhibition of recovery by IL-13, b2"
    )
    IL17_inhibition: Scalar = _published(
        "barrier.IL17_inhibition", _FREE, "Inhibition of recovery by IL-17A, b3"
    )
    IL22_inhibition: Scalar = _published(
        "barrier.IL22_inhibition", _FREE, "Inhibition of recovery by IL-22, b4"
    )
    IL31_inhibition: Scalar = _published(
        "barrier.IL31_inhibition", _FREE, "Inhibition of recovery by IL-31, b5"
    )
    damage_rate: Scalar = _published("barrier.damage_rate", _RATE, "Barrier damage, d1")
    scratch_damage_rate: Scalar = _published(
        "barrier.scratch_damage_rate", _RATE, "Damage by scratching, d2"
    )
    pathogen_damage: Scalar = _published(
        "barrier.pathogen_damage", _FREE, "Amplification of damage by pathogens, d3"
    )
    barrier_protection: Scalar = _published(
        "pathogens.barrier_protection", _FREE, "Protection from infiltration, b6"
    )
    pathogen_clearance: Scalar = _published(
        "pathogens.pathogen_clearance", _FREE, "Clearance induced by pathogens, d4"
    )
    IL17_clearance: Scalar = _published(
        "pathogens.IL17_clearance", _FREE, "Clearance gained by IL-17A, d5"
    )
    IL22_clearance: Scalar = _published(
        "pathogens.IL22_clearance", _FREE, "Clearance gained by IL-22, d6"
    )
    IFNg_clearance: Scalar = _published(
        "pathogens.IFNg_clearance", _FREE, "Clearance gained by IFN-gamma, d7"
    )
    IL4_suppression: Scalar = _published(
        "pathogens.IL4_suppression", _FREE, "Suppression of clearance by IL-4, b7"
    )
    IL13_suppression: Scalar = _published(
        "pathogens.IL13_suppression", _FREE, "Suppression of clearance by IL-13, b8"
    )
    basal_clearance_rate: Scalar = _published(
        "pathogens.basal_clearance_rate", _RATE, "Basal clearance and infiltration, d8 = k4"
    )
    induced_clearance_rate: Scalar = parameter(
        1.0,
        _RATE,
        "Unit factor of induced clearance, implied in the publication",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.05, 20.0),
    )
    Th1_rate: Scalar = _published("t_helpers.Th1_rate", _RATE, "Differentiation to Th1, k5")
    Th2_rate: Scalar = _published("t_helpers.Th2_rate", _RATE, "Differentiation to Th2, k6")
    Th17_rate: Scalar = _published("t_helpers.Th17_rate", _RATE, "Differentiation to Th17, k7")
    Th22_rate: Scalar = _published("t_helpers.Th22_rate", _RATE, "Differentiation to Th22, k8")
    IFNg_bias: Scalar = _published("t_helpers.IFNg_bias", _FREE, "Bias to Th1 by IFN-gamma, k9")
    IL4_bias: Scalar = _published("t_helpers.IL4_bias", _FREE, "Bias to Th2 by IL-4, k10")
    loss_rate: Scalar = _published("t_helpers.loss_rate", _RATE, "Loss of T-helper cells, d9")
    OX40L_survival: Scalar = _published(
        "t_helpers.OX40L_survival", _FREE, "Survival gained by OX40L, b9"
    )
    cytokine_production: Float[Array, " 8"] = _family(
        "production_rate", _RATE, "Production per driver, k11-k25 (odd)"
    )
    cytokine_basal: Float[Array, " 8"] = _family(
        "basal_rate", _RATE, "Production without the driver, k12-k26 (even)"
    )
    cytokine_clearance: Float[Array, " 8"] = _family(
        "clearance_rate", _RATE, "Clearance, d10-d17")  # fmt: skip

    def laws(self) -> MiyanoLaws:
        """The same values as parameters of the laws."""

        def group(kind):
            return kind(**{name: getattr(self, name) for name in kind._fields})

        rates = jnp.stack([self.cytokine_production, self.cytokine_basal, self.cytokine_clearance])
        kinetics = [CytokineKinetics(*rates[:, i]) for i in range(len(CYTOKINES))]
        return MiyanoLaws(
            group(BarrierParameters),
            group(PathogenParameters),
            group(THelperParameters),
            CytokineParameters(*kinetics),
        )
