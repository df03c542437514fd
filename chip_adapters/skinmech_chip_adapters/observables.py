"""The quantities a chip record holds, each with its one canonical unit."""

from dataclasses import dataclass
from types import MappingProxyType

from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.units import convert


@dataclass(frozen=True, slots=True)
class Observable:
    """A quantity that can be measured.

    Attributes:
        name: Name used in the `observable` column.
        unit: Canonical unit; every value of this observable is stored in it.
        description: What it is, and what it must not be mixed up with.
        needs_analyte: True if a value means nothing without the substance it is of.
    """

    name: str
    unit: str
    description: str
    needs_analyte: bool = False


_ALL = (
    Observable("teer", "ohm*cm**2", "transepithelial resistance times membrane area"),
    Observable("resistance", "ohm", "resistance as read, blank and medium included"),
    Observable("layer_capacitance", "F/cm**2", "capacitance of the cell layer per area"),
    Observable("medium_resistance", "ohm", "series resistance of the medium"),
    Observable("impedance", "ohm", "complex impedance (spectra)"),
    Observable("impedance_magnitude", "ohm", "|Z| at one stated frequency"),
    Observable("ecis_rb", "ohm*cm**2", "junctional resistance of the ECIS model; not TEER"),
    Observable("cell_index", "cell_index", "xCELLigence cell index; not convertible to TEER"),
    Observable("papp", "cm/s", "apparent permeability", True),
    Observable("tewl", "g/m**2/h", "transepidermal water loss"),
    Observable("concentration", "pg/mL", "mass concentration", True),
    Observable("molar_concentration", "mol/L", "molar concentration", True),
    Observable("mfi", "MFI", "median fluorescence intensity of a bead assay", True),
    Observable("net_mfi", "MFI", "fluorescence intensity less background, by the vendor", True),
    Observable("rfu", "RFU", "relative fluorescence", False),
    Observable("rlu", "RLU", "relative luminescence or electrochemiluminescence", True),
    Observable("npx", "NPX", "normalised protein expression, log2 and relative", True),
    Observable("cq", "Cq", "quantification cycle", True),
    Observable("absorbance", "dimensionless", "absorbance, decadic"),
    Observable("glucose", "mmol/L", "glucose in medium"),
    Observable("lactate", "mmol/L", "lactate in medium"),
    Observable("activity", "U/L", "enzyme activity, such as LDH release", True),
    Observable("o2_air_saturation", "percent_air_saturation", "oxygen relative to air"),
    Observable("o2_fraction", "percent_oxygen", "oxygen as volume fraction of gas"),
    Observable("po2", "kPa", "partial pressure of oxygen"),
    Observable("o2", "mol/L", "dissolved oxygen"),
    Observable("ph", "pH", "acidity"),
    Observable("flow", "uL/min", "flow of medium"),
    Observable("pressure", "kPa", "pressure"),
    Observable("wall_shear", "Pa", "shear stress at the wall"),
    Observable("temperature", "degC", "temperature"),
    Observable("viability", "dimensionless", "living fraction of cells"),
    Observable("expression", "dimensionless", "transcript relative to a stated reference", True),
    Observable("fraction", "dimensionless", "fraction of cells or area that is positive", True),
    Observable("cell_count", "cell", "number of cells", True),
    Observable("thickness", "um", "thickness of a layer", True),
    Observable("lstar", "cielab_unit", "CIE L*"),
    Observable("astar", "cielab_unit", "CIE a*"),
    Observable("bstar", "cielab_unit", "CIE b*"),
    Observable("ita", "degree", "individual typology angle"),
    Observable("melanin_index", "mexameter_unit", "melanin index of the stated device"),
    Observable("erythema_index", "mexameter_unit", "erythema index of the stated device"),
    Observable("hydration", "corneometer_unit", "capacitance reading of the stated device"),
)

OBSERVABLES = MappingProxyType({one.name: one for one in _ALL})

# Conditions of a chip that a side-car may set, with the unit they are stored in.
SETTINGS = MappingProxyType(
    {
        "flow": "uL/min",
        "pressure": "kPa",
        "wall_shear": "Pa",
        "stretch": "dimensionless",
        "stretch_frequency": "Hz",
        "temperature": "degC",
        "relative_humidity": "dimensionless",
        "o2_fraction": "percent_oxygen",
        "co2_fraction": "percent",
        "calcium": "mmol/L",
        "ph": "pH",
        "air_lift": "dimensionless",
        "uv_irradiance": "W/m**2",
        "uv_dose": "J/m**2",
    }
)

# Places on a chip. A study may declare further ones under `[study] locations`.
LOCATIONS = (
    "apical",
    "basal",
    "effluent_apical",
    "effluent_basal",
    "tissue",
    "surface",
    "medium",
)


def observable(name: str) -> Observable:
    """Look up an observable.

    Raises:
        ChipDataError: `unknown_observable`, with the nearest names.
    """
    if name not in OBSERVABLES:
        raise ChipDataError(
            "unknown_observable", found=f"observable {name!r}", expected=one_of(OBSERVABLES, name),
            remedy="use a name of the table of observables",
        )  # fmt: skip
    return OBSERVABLES[name]


def to_canonical(value: float, unit: str, observable_name: str) -> float:
    """A value of an observable in its canonical unit; `unit` in any known spelling."""
    return convert(value, unit, observable(observable_name).unit)
