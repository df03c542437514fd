"""The lesion plane: melanocytes and melanin over a patch of skin, in two dimensions."""

from .laser import (
    Laser as Laser,
    broken_melanosomes as broken_melanosomes,
    epidermal_heating as epidermal_heating,
    laser_pulse as laser_pulse,
    pulse_on_plane as pulse_on_plane,
    threshold_fluence as threshold_fluence,
)
from .laser_parameters import LaserParameters as LaserParameters
from .parameters import LesionParameters as LesionParameters
from .patterns import (
    follicles as follicles,
    inflamed_patch as inflamed_patch,
    melasma_patch as melasma_patch,
    vitiligo_patch as vitiligo_patch,
)
from .plane import (
    Course as Course,
    Plane as Plane,
    PlaneState as PlaneState,
    resting_state as resting_state,
    simulate_plane as simulate_plane,
)
from .scores import repigmented_area as repigmented_area, vasi_change as vasi_change
from .sessions import Session as Session, simulate_sessions as simulate_sessions
