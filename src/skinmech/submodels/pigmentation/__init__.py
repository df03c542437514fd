"""Pigmentation: ultraviolet damage, melanogenesis, melanin transfer, transport and read-out."""

from .parameters import PigmentationParameters as PigmentationParameters
from .phototypes import MELANOGENIC_CAPACITY as MELANOGENIC_CAPACITY
from .pigmentation import Pigmentation as Pigmentation
