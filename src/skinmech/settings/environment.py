"""The environment ports: what the outside world tells the skin, constant within a segment."""

import dataclasses
import difflib
import math
from collections.abc import Mapping
from typing import Any

from ..modelling.ports import PortSpec, port
from ..modelling.species import CYTOKINES
from ..modelling.units import magnitude
from ..submodels.exposure import SLOTS

ENVIRONMENT: tuple[PortSpec, ...] = (
    port("relative_humidity", "dimensionless", "Humidity of the air, 0 to 1", default=0.5),
    port(
        "vapour_transfer",
        "m/s",
        "Mass transfer of vapour to the air (10 mm boundary layer)",
        default=2.5e-3,
    ),
    port("skin_vapour", "g/m**3", "Saturated vapour at skin temperature (32 degC)", default=33.8),
    port("air_vapour", "g/m**3", "Saturated vapour at air temperature (22 degC)", default=19.4),
    port("compartment_depth", "um", "Volume below the epidermis per skin area", default=200.0),
    port("tissue_clearance", "dimensionless", "1 with blood and lymph, 0 on a chip", default=1.0),
    port("medium_exchange", "1/day", "Flow over volume of the channel", default=0.0),
    port("inlet_cytokines", "pg/mL", "Carried by the inlet", species=CYTOKINES, default=0.0),
    port("medium_drug", "nmol/L", "Free drug carried by the medium", species=SLOTS, default=0.0),
    port(
        "drug_input", "dimensionless", "Continuous drug input, mg/day", species=SLOTS, default=0.0
    ),
    port("medium_calcium", "mmol/L", "Calcium of the medium of cells in a dish", default=0.05),
    port("immune_presence", "dimensionless", "1 in vivo, 0 without immune cells", default=1.0),
    port("melanocyte_presence", "dimensionless", "0 where none were seeded", default=1.0),
    port(
        "exposome",
        "dimensionless",
        "Antigens on the skin relative to the donor's usual",
        default=1.0,
    ),
    port(
        "dendritic_trigger", "cell/mm**2/day", "External activation of dendritic cells", default=0.0
    ),
    port("itch_gain", "dimensionless", "Gain on itch (psychological stress)", default=1.0),
)
_BY_NAME = {spec.name: spec for spec in ENVIRONMENT}


class EnvironmentValueError(ValueError):
    """Environment values are unknown, not numbers or of the wrong unit; all are listed."""


def environment_values(values: Mapping[str, Any]) -> dict[str, float]:
    """Environment values as numbers in declared units.

    Args:
        values: Name, or `name[member]` for a family, to a number in the declared unit or a text
            with a unit, such as `{"relative_humidity": 0.4, "inlet_cytokines[IL-4]": "10 ng/mL"}`.

    Raises:
        EnvironmentValueError: a name or unit that does not fit; every problem is listed.
    """
    problems, out = [], {}
    for name, value in values.items():
        base, _, member = name.partition("[")
        member = member.rstrip("]")
        spec = _BY_NAME.get(base)
        if spec is None or (member and member not in (spec.species or ())):
            known = [s.name for s in ENVIRONMENT] + [
                f"{s.name}[{m}]" for s in ENVIRONMENT for m in s.species or ()
            ]
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            problems.append(f"Unrecognized environment: '{name}'. Nearest: {', '.join(near)}.")
            continue
        if spec.species and not member:
            problems.append(f"Expected a member, such as '{base}[{spec.species[0]}]'.")
            continue
        try:
            number = magnitude(value, spec.unit, what=name)
        except ValueError as error:
            problems.append(str(error))
            continue
        if not math.isfinite(number) or number < 0:
            problems.append(f"{name}: expected a finite number, not negative, got {value!r}.")
        out[name] = number
    if problems:
        raise EnvironmentValueError("\n".join(problems))
    return out


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where the tissue lives.

    Attributes:
        kind: `"in_vivo"`, `"on_chip"` or `"culture"`.
        environment: Values that differ from the defaults, declared units.
    """

    kind: str
    environment: Mapping[str, float]
