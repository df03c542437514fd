"""Melanogenic capacity of the phototypes, from the colour of real skin."""

MELANOGENIC_CAPACITY = {"I": 0.44, "II": 0.57, "III": 0.80, "IV": 1.1, "V": 1.57, "VI": 2.13}
"""Capacity over the default skin, by phototype I to VI [dimensionless].

Those of II, III, V and VI give the L* of the inner upper arm of Europeans, Chinese and Mexicans,
Indians and Africans (Alaluf 2002) in the optics of `skinmech.observables.optics`; which group
stands for which phototype, and I and IV, are assumed. No erythema dose entered.
"""
