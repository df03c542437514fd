"""One pharmacokinetic model for every drug of the catalogue."""

from .compartments import (
    PKParameters as PKParameters,
    average_concentration as average_concentration,
    central_concentration as central_concentration,
    dose_increment as dose_increment,
    mass_concentration as mass_concentration,
    pk_tendency as pk_tendency,
    scale_to_weight as scale_to_weight,
)
from .declared import empty_parameters as empty_parameters, pk_parameters as pk_parameters
