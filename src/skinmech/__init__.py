"""skinmech: a mechanistic, multiscale, differentiable model of human skin."""

import os as _os

# Equinox' run-time checks are host callbacks, which JAX's persistent compilation cache refuses.
# Results are checked through status codes instead. SKINMECH_DEBUG=1 brings the checks back.
if not _os.environ.get("SKINMECH_DEBUG"):
    _os.environ.setdefault("EQX_ON_ERROR", "nan")

from .cohorts import Cohort as Cohort, simulate_cohort as simulate_cohort
from .endotype import Endotype as Endotype, EndotypeError as EndotypeError, seasons as seasons
from .modelling import (
    AbstractParameters as AbstractParameters,
    AbstractReadout as AbstractReadout,
    AbstractSubmodel as AbstractSubmodel,
    ParameterError as ParameterError,
    SkinModel as SkinModel,
    UnitError as UnitError,
    UnitSystem as UnitSystem,
    WiringError as WiringError,
    parameter as parameter,
    port as port,
    state as state,
)
from .protocol import (
    Change as Change,
    Dose as Dose,
    Protocol as Protocol,
    ProtocolError as ProtocolError,
    TapeStrips as TapeStrips,
    Treatment as Treatment,
    Ultraviolet as Ultraviolet,
)
from .settings import in_vivo as in_vivo, on_chip as on_chip
from .simulate import (
    SimulationError as SimulationError,
    Simulator as Simulator,
    simulate as simulate,
    simulator as simulator,
)
from .skin import skin_model as skin_model
from .states import DONORS as DONORS, attractor as attractor
from .trajectory import Trajectory as Trajectory
from .triggers import Triggers as Triggers
