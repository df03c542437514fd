"""Who gets what: permuted blocks within strata."""

import numpy as np
from jaxtyping import Int

from .design import TrialDesign


def randomised(
    design: TrialDesign, trials: int, random: np.random.Generator
) -> tuple[Int[np.ndarray, "trial patient"], Int[np.ndarray, "trial patient"]]:
    """Arm and stratum of every patient of several trials, in order of arrival.

    Patients come in at random from the strata; each stratum has blocks of its own, in which every
    arm stands as often as its ratio says.

    Args:
        design: The trial.
        trials: How many of them.
        random: Draws.
    """
    shape = (trials, design.size)
    shares = np.cumsum([one.share for one in design.strata])
    stratum = np.minimum(np.searchsorted(shares, random.random(shape)), len(shares) - 1)
    ratios = [one.ratio for one in design.arms]
    block = np.repeat(np.arange(len(ratios)), ratios)
    block = np.tile(block, design.block // len(block))
    count = -(-design.size // design.block)
    arm = np.zeros(shape, int)
    for place in range(len(design.strata)):
        order = np.argsort(random.random((trials, count, design.block)), axis=2)
        sequence = block[order].reshape(trials, -1)
        mine = stratum == place
        arrival = np.maximum(np.cumsum(mine, axis=1) - 1, 0)
        arm = np.where(mine, np.take_along_axis(sequence, arrival, axis=1), arm)
    return arm, stratum
