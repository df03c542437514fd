"""Cells in medium without depth: keratinocytes in a dish."""

from typing import Any

from .environment import Setting, environment_values


def culture(**environment: Any) -> Setting:
    """The culture setting: well-mixed medium, no clearance, no immune cells.

    Args:
        **environment: Further values, e.g. `{"inlet_cytokines[IFN-gamma]": "10 ng/mL"}`.
    """
    given = {
        "tissue_clearance": 0.0,
        "immune_presence": 0.0,
        "melanocyte_presence": 0.0,
        "exposome": 0.0,
    }
    return Setting("culture", given | environment_values(environment))
