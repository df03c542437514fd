"""Barrier: water, natural moisturising factor, lipid, desquamation enzymes, tight junctions."""

from .barrier import Barrier as Barrier
from .parameters import BarrierParameters as BarrierParameters
