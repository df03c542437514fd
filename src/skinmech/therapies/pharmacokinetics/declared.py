"""From the published parameters of a drug to those of the compartment model."""

from __future__ import annotations

import jax.numpy as jnp

from ..drug import Drug, Pharmacokinetics
from ..permeation import FILM, corneum_permeability, viable_permeability
from .compartments import PKParameters

_NANOMOLAR = 1e6  # nM per mg/L over g/mol
_FILM = 1e-3  # g per mg
_PRODUCT_DENSITY = 1e6  # mg/L

_EMPTY = {
    "absorption_rate": 0.0,
    "bioavailability": 0.0,
    "clearance": 0.0,
    "central_volume": 1.0,
    "intercompartmental_clearance": 0.0,
    "peripheral_volume": 1.0,
    "maximum_elimination": 0.0,
    "michaelis_constant": 1.0,
    "amount_scale": 1.0,
    "corneum_permeability": 0.0,
    "viable_permeability": 1.0,
    "solubility": 0.0,
    "saturating_depot": 1.0,
    "unbound": 1.0,
    "reference_weight": 70.0,
    "clearance_exponent": 0.0,
    "central_volume_exponent": 0.0,
    "intercompartmental_exponent": 0.0,
    "peripheral_volume_exponent": 0.0,
    "maximum_elimination_exponent": 0.0,
}


def empty_parameters() -> PKParameters:
    """Parameters of a slot without a drug: nothing enters, nothing leaves, everything finite."""
    return _parameters({})


def pk_parameters(drug: Drug, dose: float | None = None) -> PKParameters:
    """Parameters of a drug at its reference body weight.

    Args:
        drug: The drug; light gives empty parameters.
        dose: Single dose [mg], where the clearance depends on it; the maintenance dose of the
            first label regimen by default.

    Returns:
        Parameters with scalar leaves.
    """
    pk = drug.pharmacokinetics
    if pk is None:
        return empty_parameters()
    if pk.model == "surface film":
        rates = {name: pk.magnitude(name) for name in ("absorption_rate", "bioavailability")}
        return _parameters({**rates, "amount_scale": _FILM})
    molar_mass = drug.molecular_weight.magnitude if drug.molecular_weight is not None else 1.0
    scale = _NANOMOLAR / molar_mass
    if pk.model == "topical":
        return _parameters(_topical(drug, pk, molar_mass))
    values = _volumes_and_clearances(pk) | _weight_exponents(pk)
    values["absorption_rate"] = pk.magnitude("absorption_rate")
    values["bioavailability"] = pk.magnitude("bioavailability")
    values["amount_scale"] = scale
    maximum = pk.magnitude("maximum_elimination") * scale
    if _is_amount_elimination(pk):
        maximum /= values["central_volume"]
    values["maximum_elimination"] = maximum
    if "michaelis_constant" in pk.parameters:
        values["michaelis_constant"] = pk.magnitude("michaelis_constant") * scale
    if pk.dose is not None:
        dose = _maintenance_dose(drug) if dose is None else dose
        absorbed = dose * values["bioavailability"] / pk.dose.reference.magnitude
        values["clearance"] *= absorbed**pk.dose.exponent.magnitude
    return _parameters(values)


def _topical(drug: Drug, pk: Pharmacokinetics, molar_mass: float) -> dict[str, float]:
    """Permeation by `permeation`, and clearance of the tissue by diffusion and blood in series."""
    known = {name: quantity.magnitude for name, quantity in drug.permeation.items()}
    permeability = known.get("permeability")
    if permeability is None:
        permeability = corneum_permeability(known["log_octanol_water"], molar_mass)
    half = 2.0 * viable_permeability(molar_mass)
    blood = pk.magnitude("blood_flow")
    unbound = drug.fraction_unbound.magnitude if drug.fraction_unbound is not None else 1.0
    strength = drug.strength.magnitude if drug.strength is not None else 1.0
    scale, volume = _NANOMOLAR / molar_mass, pk.magnitude("central_volume")
    return {
        "absorption_rate": pk.magnitude("removal_rate"),
        "clearance": unbound * half * blood / (half + blood),
        "central_volume": volume,
        "amount_scale": scale,
        "corneum_permeability": permeability,
        "viable_permeability": half,
        "solubility": known["water_solubility"] * scale,
        "saturating_depot": strength * FILM * _PRODUCT_DENSITY * scale / volume,
        "unbound": unbound,
    }


def _parameters(values: dict[str, float]) -> PKParameters:
    leaves = _EMPTY | values
    return PKParameters(**{n: jnp.asarray(v, dtype=jnp.float64) for n, v in leaves.items()})


def _is_amount_elimination(pk: Pharmacokinetics) -> bool:
    quantity = pk.parameters.get("maximum_elimination")
    return quantity is not None and quantity.dimension == "amount elimination"


def _volumes_and_clearances(pk: Pharmacokinetics) -> dict[str, float]:
    volume = pk.magnitude("central_volume")
    if pk.model == "two-compartment rates":
        return {
            "central_volume": volume,
            "clearance": pk.magnitude("elimination_rate") * volume,
            "intercompartmental_clearance": pk.magnitude("central_to_peripheral_rate") * volume,
            "peripheral_volume": pk.magnitude("peripheral_to_central_volume_ratio") * volume,
        }
    return {
        "central_volume": volume,
        "clearance": pk.magnitude("clearance"),
        "intercompartmental_clearance": pk.magnitude("intercompartmental_clearance"),
        "peripheral_volume": pk.magnitude("peripheral_volume", 1.0),
    }


def _weight_exponents(pk: Pharmacokinetics) -> dict[str, float]:
    if pk.weight is None:
        return {}
    known = {name: quantity.magnitude for name, quantity in pk.weight.exponents.items()}
    volume = known.get("central_volume", 0.0)
    if pk.model == "two-compartment rates":  # constant rates: clearances scale as the volume does
        clearance = volume + known.get("elimination_rate", 0.0)
        exchange = volume + known.get("central_to_peripheral_rate", 0.0)
        peripheral = volume + known.get("peripheral_to_central_volume_ratio", 0.0)
    else:
        clearance = known.get("clearance", 0.0)
        exchange = known.get("intercompartmental_clearance", 0.0)
        peripheral = known.get("peripheral_volume", 0.0)
    maximum = known.get("maximum_elimination", 0.0)
    return {
        "reference_weight": pk.weight.reference.magnitude,
        "clearance_exponent": clearance,
        "central_volume_exponent": volume,
        "intercompartmental_exponent": exchange,
        "peripheral_volume_exponent": peripheral,
        "maximum_elimination_exponent": maximum - volume * _is_amount_elimination(pk),
    }


def _maintenance_dose(drug: Drug) -> float:
    if not drug.regimens:
        raise ValueError(
            f"The clearance of '{drug.name}' depends on its dose and it has no label regimen. "
            "Give dose=… in mg."
        )
    return drug.regimens[0].regimen.phases[-1].amounts[-1]
