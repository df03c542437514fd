"""Immunity: T-helper subsets, dendritic cells, IL-23, OX40L, microbes, itch."""

from .immunity import Immunity as Immunity
from .parameters import ImmunityParameters as ImmunityParameters
