"""The language a sub-model is written in: units, parameters, ports, states, wiring."""

from .model import SkinModel as SkinModel, WiringError as WiringError
from .parameters import (
    AbstractParameters as AbstractParameters,
    ParameterError as ParameterError,
    ParameterSpec as ParameterSpec,
    Prior as Prior,
    SkinParameters as SkinParameters,
    parameter as parameter,
)
from .ports import (
    Named as Named,
    ObservableSpec as ObservableSpec,
    PortSpec as PortSpec,
    StateSpec as StateSpec,
    observable as observable,
    port as port,
    state as state,
)
from .submodel import AbstractReadout as AbstractReadout, AbstractSubmodel as AbstractSubmodel
from .units import UnitError as UnitError, UnitSystem as UnitSystem
