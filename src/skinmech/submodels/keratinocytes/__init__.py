"""Keratinocytes: pools, cornification, layer thicknesses, calcium and differentiation."""

from .keratinocytes import Keratinocytes as Keratinocytes
from .parameters import KeratinocyteParameters as KeratinocyteParameters
