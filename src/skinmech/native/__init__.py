"""Simulations by C translated from the model, where there is a C compiler."""

from .kernel import Kernel as Kernel, accelerated as accelerated, is_usable as is_usable
