"""Pigmentation: ultraviolet damage, melanogenesis, melanin transfer, transport and read-out."""

from .parameters import PigmentationParameters as PigmentationParameters
from .pigmentation import Pigmentation as Pigmentation
