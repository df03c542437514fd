"""The calcium switch: keratinocytes in a dish that stop dividing and differentiate."""

from .parameters import SWITCHED as SWITCHED, CalciumSwitchParameters as CalciumSwitchParameters
from .switch import CalciumSwitch as CalciumSwitch
