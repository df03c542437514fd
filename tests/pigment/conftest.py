"""Optical reference data; tests that need it skip without it."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def optics_table(shared_data):
    """Reads a table of numbers of ../shared/data/optics by name."""
    return lambda name: np.loadtxt(shared_data / "optics" / name, skiprows=1)


@pytest.fixture(scope="session")
def inner_arms(shared_data):
    """L*, a*, b* (D65, 10 degrees) of the inner upper arm by group (Alaluf 2002)."""
    text = (shared_data / "optics" / "Lab_Alaluf2002.txt").read_text("utf-8")
    rows = [line.split() for line in text.splitlines()[1:]]
    return {
        row[0].partition("(")[0]: np.asarray(row[1:4], float)
        for row in rows
        if "volar_upper_arm" in row[0]
    }
