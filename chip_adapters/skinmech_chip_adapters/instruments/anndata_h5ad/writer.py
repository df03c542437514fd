"""Writing small AnnData files, for tests."""

import io

import h5py
import numpy as np

from skinmech_chip_adapters.adapter import Example


def write(values: np.ndarray, *, version: str = "0.1.0", kind: str = "anndata") -> bytes:
    """An AnnData file with a dense matrix.

    Args:
        values: Shape (cells, genes).
        version: `encoding-version` of the root.
        kind: `encoding-type` of the root.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["encoding-type"] = kind
        file.attrs["encoding-version"] = version
        matrix = file.create_dataset("X", data=values, track_times=False)
        matrix.attrs["encoding-type"] = "array"
        matrix.attrs["encoding-version"] = "0.2.0"
        for name, length in zip(("obs", "var"), values.shape, strict=True):
            group = file.create_group(name)
            group.attrs["_index"] = "_index"
            group.attrs["encoding-type"] = "dataframe"
            group.attrs["encoding-version"] = "0.2.0"
            index = np.array([f"{name}{number}".encode() for number in range(length)])
            group.create_dataset("_index", data=index, track_times=False)
    return buffer.getvalue()


def example() -> Example:
    """Five cells and three genes."""
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "cells.h5ad"
chip = "C1"
time = "336 h"
location = "tissue"
"""
    content = write(np.arange(15.0).reshape(5, 3))
    return Example(filename="cells.h5ad", content=content, sidecar=sidecar)
