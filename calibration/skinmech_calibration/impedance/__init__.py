"""Electrical impedance of cell layers: circuits, fit, TEER and observation model."""

from skinmech_calibration.impedance.circuits import (
    AbstractCircuit as AbstractCircuit,
    PolarisedLayer as PolarisedLayer,
    SingleLayer as SingleLayer,
    TwoLayer as TwoLayer,
    find_circuit as find_circuit,
)
from skinmech_calibration.impedance.fit import (
    SpectrumFit as SpectrumFit,
    fit_spectra as fit_spectra,
)
from skinmech_calibration.impedance.observe import (
    EVOM_FREQUENCY as EVOM_FREQUENCY,
    impedance_of_tissue as impedance_of_tissue,
    single_frequency_resistance as single_frequency_resistance,
)
from skinmech_calibration.impedance.resistance import (
    TeerResult as TeerResult,
    resistance_minus_blank as resistance_minus_blank,
    teer as teer,
    teer_batch as teer_batch,
)
