"""Skin on a chip: a reconstructed epidermis over a perfused channel."""

from typing import Any

from ..modelling.units import magnitude
from .environment import Setting, environment_values


def on_chip(
    *,
    volume: str | float = "100 uL",
    flow: str | float = "1 uL/min",
    area: str | float = "0.33 cm**2",
    immune_cells: float = 0.0,
    melanocytes: float = 0.0,
    **environment: Any,
) -> Setting:
    """The on-chip setting.

    Args:
        volume: Channel volume V (numbers in uL).
        flow: Flow Q (numbers in uL/min); zero for static medium.
        area: Tissue area A (numbers in cm2), which is also the membrane's.
        immune_cells: Immune cells relative to living dermis; 0 for keratinocytes alone.
        melanocytes: Melanocytes relative to living skin.
        **environment: Further values, e.g. `relative_humidity=0.95`.

    Returns:
        A setting whose compartment has depth V/A, exchange Q/V and no tissue clearance.

    Raises:
        EnvironmentValueError: an unknown name or a unit that does not fit.
        ValueError: volume or area not positive, or a negative flow.
    """
    v = magnitude(volume, "uL", what="volume")
    q = magnitude(flow, "uL/min", what="flow")
    a = magnitude(area, "cm**2", what="area")
    if not (v > 0 and a > 0 and q >= 0):
        raise ValueError(
            f"Expected a positive volume and area and a flow of zero or more, got {volume}, "
            f"{area}, {flow}."
        )
    depth = v * 1e-3 / a * 1e4  # uL -> cm3, over cm2, to um
    given = {
        "compartment_depth": depth,
        "tissue_clearance": 0.0,
        "medium_exchange": q / v * 1440.0,
        "immune_presence": immune_cells,
        "melanocyte_presence": melanocytes,
        "exposome": 0.0,
    }
    return Setting("on_chip", given | environment_values(environment))
