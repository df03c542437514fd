"""The diseases of the population: each a module with parameters, endpoints and `remaining`."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from . import atopic, psoriasis, vitiligo
from .population import PopulationParameter


@dataclasses.dataclass(frozen=True)
class Disease:
    """One disease.

    Attributes:
        name: Key in the population file.
        aliases: How trial tables write it.
        parameters: Of its own, with priors.
        endpoints: Endpoint to threshold, see `outcomes.reported`.
        dimensions: Scores a patient has.
        remaining: Score over baseline that a drug leaves, by day and patient.
        weight: Mean body weight in its trials [kg], where a table does not say.
        permeability: Of the untreated lesion's stratum corneum over that of healthy skin [1], as
            the coupled model's steady state of the disease has it (`barrier.corneum_permeability`).
    """

    name: str
    aliases: tuple[str, ...]
    parameters: tuple[PopulationParameter, ...]
    endpoints: Mapping[str, Any]
    dimensions: int
    remaining: Callable[..., Any]
    weight: float
    permeability: float


def _disease(
    name: str, aliases: tuple[str, ...], module: Any, weight: float, permeability: float
) -> Disease:
    return Disease(
        name, aliases, module.PARAMETERS, module.ENDPOINTS, module.DIMENSIONS, module.remaining,
        weight, permeability,
    )  # fmt: skip


DISEASES = (
    _disease("psoriasis", ("plaque psoriasis",), psoriasis, 88.0, 1.4),
    _disease("atopic dermatitis", ("eczema", "ad"), atopic, 76.0, 6.5),
    _disease("vitiligo", ("nonsegmental vitiligo",), vitiligo, 80.0, 1.0),
)
