"""Declared parameters of the published Shmarov 2022 model (file v8_4)."""

from typing import NamedTuple

from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter
from .shmarov_law import ImmuneParameters, KeratinocyteParameters, SignalParameters

Scalar = Float[Array, ""]


class ShmarovLaws(NamedTuple):
    """Parameters of all laws of the model."""

    keratinocytes: KeratinocyteParameters = KeratinocyteParameters()
    immune: ImmuneParameters = ImmuneParameters()
    signals: SignalParameters = SignalParameters()


class SeverityScale(NamedTuple):
    """Ends of the scale of the relative PASI [cells/mm²]: healthy 0, psoriatic 1."""

    healthy_total: float = 79828.0
    psoriatic_total: float = 266011.65
    healthy_T_cells: float = 1556.09
    psoriatic_T_cells: float = 4783.0
    healthy_differentiated: float = 50529.3
    psoriatic_differentiated: float = 173504.0


_DEFAULTS = {name: value for law in ShmarovLaws() for name, value in law._asdict().items()}


def _published(name: str, unit: str, description: str):
    """Declare one value of the publication, within a factor of 10."""
    value = float(_DEFAULTS[name])
    return parameter(
        value, unit, description, source="shmarov2022", evidence="fitted",
        bounds=(value / 10, value * 10),
    )  # fmt: skip


_DAY, _CELL = "1/day", "cell/mm**2"
_PER_SIGNAL = "mm**2/cell/day"
"""The model's concentration unit U is taken as cell/mm², so that linear production is 1/day."""


class ShmarovParameters(AbstractParameters):
    """Published values; the names are those of the laws."""

    stem_division_rate: Scalar = _published(
        "stem_division_rate", _PER_SIGNAL, "Stem-cell division per signal, sc2"
    )
    stem_commitment_rate: Scalar = _published(
        "stem_commitment_rate", _PER_SIGNAL, "Transit cells per stem cell and signal, sc2ta"
    )
    transit_division_rate: Scalar = _published(
        "transit_division_rate", _PER_SIGNAL, "Transit-cell division per signal, ta2"
    )
    differentiation_rate: Scalar = _published(
        "differentiation_rate", _PER_SIGNAL, "Differentiated per transit cell and signal, ta2d"
    )
    stem_crowding_loss: Scalar = _published(
        "stem_crowding_loss", _PER_SIGNAL, "Quadratic loss of stem cells, sc20"
    )
    transit_crowding_loss: Scalar = _published(
        "transit_crowding_loss", _PER_SIGNAL, "Quadratic loss of transit cells, ta20"
    )
    differentiated_crowding_loss: Scalar = _published(
        "differentiated_crowding_loss", _PER_SIGNAL, "Quadratic loss of differentiated, d20"
    )
    apoptosis_rate: Scalar = _published(
        "apoptosis_rate", _DAY, "Apoptosis of every living cell, a_base"
    )
    desquamation_rate: Scalar = _published("desquamation_rate", _DAY, "Shedding, desq")
    stem_survivors: Scalar = _published(
        "stem_survivors", _CELL, "Stem cells that light does not kill, sc_min"
    )
    transit_survivors: Scalar = _published(
        "transit_survivors", _CELL, "Transit cells that light does not kill, ta_min"
    )
    t_cell_activation_rate: Scalar = _published(
        "t_cell_activation_rate", _DAY, "T cells per IL-23, t2"
    )
    immune_clearance_rate: Scalar = _published(
        "immune_clearance_rate", _DAY, "Loss of T and dendritic cells, t20"
    )
    dendritic_activation_maximum: Scalar = _published(
        "dendritic_activation_maximum", "cell/mm**2/day", "Activation by growth factors, t_vm"
    )
    dendritic_activation_constant: Scalar = _published(
        "dendritic_activation_constant", "cell**4/mm**8", "Half-saturation to the power 4, t_kp"
    )
    dendritic_activation_power: Scalar = parameter(
        4.0,
        "dimensionless",
        "Hill exponent n; held at 4, the power in the unit of t_kp",
        source="shmarov2022",
        evidence="fitted",
        bounds=(4.0, 4.0),
    )
    dendritic_basal_activation: Scalar = _published(
        "dendritic_basal_activation", "cell/mm**2/day", "Basal activation, dc_act"
    )
    apoptotic_clearance_rate: Scalar = _published(
        "apoptotic_clearance_rate", _DAY, "Clearance of apoptotic cells, a20"
    )
    t_cell_survivors: Scalar = _published(
        "t_cell_survivors", _CELL, "T cells that light does not kill, t_min"
    )
    dendritic_survivors: Scalar = _published(
        "dendritic_survivors", _CELL, "Dendritic cells that light does not kill, dc_min"
    )
    IL17_production_rate: Scalar = _published("IL17_production_rate", _DAY, "By T cells, il172")
    TNF_production_rate: Scalar = _published("TNF_production_rate", _DAY, "By T cells, tnf2")
    IL23_production_rate: Scalar = _published(
        "IL23_production_rate", _DAY, "By dendritic cells, il232"
    )
    stem_growth_factor_rate: Scalar = _published(
        "stem_growth_factor_rate", _DAY, "Growth factors by stem cells, sc2gf"
    )
    transit_growth_factor_rate: Scalar = _published(
        "transit_growth_factor_rate", _DAY, "Growth factors by transit cells, ta2gf"
    )
    IL17_clearance_rate: Scalar = _published("IL17_clearance_rate", _DAY, "il1720")
    TNF_clearance_rate: Scalar = _published("TNF_clearance_rate", _DAY, "tnf20")
    IL23_clearance_rate: Scalar = _published("IL23_clearance_rate", _DAY, "il2320")
    growth_factor_clearance_rate: Scalar = _published(
        "growth_factor_clearance_rate", _DAY, "gf20")  # fmt: skip

    def laws(self) -> ShmarovLaws:
        """The same values as parameters of the laws."""

        def group(kind):
            return kind(**{name: getattr(self, name) for name in kind._fields})

        return ShmarovLaws(
            group(KeratinocyteParameters), group(ImmuneParameters), group(SignalParameters)
        )
