"""Light as a spectrum: lamps, action spectra, what reaches the base, and darkening by UVA.

The coupled model takes light as energy of narrow-band UVB; `equivalent` says how much of it leaves
as many photoproducts as a dose of any other lamp.
"""

from .action import cpd_effect as cpd_effect, erythema_effect as erythema_effect
from .darkening import Darkening as Darkening, darkened as darkened, darkening as darkening
from .dose import (
    LightDose as LightDose,
    equivalent as equivalent,
    light_dose as light_dose,
    minimal_erythema as minimal_erythema,
)
from .lamps import LAMPS as LAMPS, Lamp as Lamp, UnknownLampError as UnknownLampError, lamp as lamp
