"""Settings: what surrounds the tissue, in vivo, on a chip, or in a dish."""

from .culture import culture as culture
from .environment import ENVIRONMENT as ENVIRONMENT, Setting as Setting
from .in_vivo import in_vivo as in_vivo
from .on_chip import on_chip as on_chip
