"""The coupled model of skin: which sub-models make it, and how fine its grids are."""

from .modelling.model import SkinModel
from .modelling.units import UnitSystem
from .observables import ClinicalScores, Impedance, SkinColour, TissueReadout
from .settings.environment import ENVIRONMENT
from .submodels.barrier import Barrier
from .submodels.cytokines import Cytokines
from .submodels.exposure import Exposure
from .submodels.immunity import Immunity
from .submodels.keratinocytes import Keratinocytes
from .submodels.pigmentation import Pigmentation
from .submodels.signalling import DynamicSignalling, QuasiSteadySignalling

SIGNALLING = {"quasi_steady": QuasiSteadySignalling, "dynamic": DynamicSignalling}


def skin_model(
    *,
    signalling: str = "quasi_steady",
    corneum_cells: int = 12,
    epidermis_cells: int = 16,
    system: UnitSystem | None = None,
) -> SkinModel:
    """The coupled model: keratinocytes, barrier, cytokines, signalling, immunity, pigment, drugs.

    The same model serves in vivo and on a chip: the setting is data.

    Args:
        signalling: `"quasi_steady"` (days to months) or `"dynamic"` (minutes to days).
        corneum_cells: Depth cells of the stratum corneum.
        epidermis_cells: Depth cells of the viable epidermis.
        system: Internal unit system.

    Raises:
        ValueError: an unknown form of signalling.
    """
    if signalling not in SIGNALLING:
        raise ValueError(
            f"Unrecognized signalling: '{signalling}'. Expected one of {', '.join(SIGNALLING)}."
        )
    return SkinModel(
        (
            Exposure(),
            Cytokines(),
            SIGNALLING[signalling](),
            Keratinocytes(),
            Barrier(),
            Immunity(),
            Pigmentation(),
        ),
        ENVIRONMENT,
        (TissueReadout(), Impedance(), ClinicalScores(), SkinColour()),
        corneum_cells=corneum_cells,
        epidermis_cells=epidermis_cells,
        system=system,
    )
