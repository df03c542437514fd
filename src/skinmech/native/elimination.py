"""Sparse elimination of `shift·I - J` in a fixed order, worked out once from the pattern."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Elimination:
    """Where everything lies in the factors of one pattern. Rows and columns are in `order`.

    Attributes:
        order: State at each place of the elimination, shape (state,).
        row_start: First entry of each row of the factors, shape (state + 1,).
        column: Column of each entry, ascending in a row, shape (filled,).
        diagonal: The entry on the diagonal of each row, shape (state,).
        update_to: Entries changed by the row operations, in the order in which they are done.
        entry_to: Entry of the factors that each entry of the Jacobian goes to.
    """

    order: np.ndarray
    row_start: np.ndarray
    column: np.ndarray
    diagonal: np.ndarray
    update_to: np.ndarray
    entry_to: np.ndarray

    @property
    def update_runs(self) -> np.ndarray:
        """`update_to` as runs of neighbours: for each row operation their number, then first
        entry and length of each."""
        told, position = [], 0
        for i, stop in enumerate(self.diagonal):
            for k in self.column[self.row_start[i] : stop]:
                count = self.row_start[k + 1] - self.diagonal[k] - 1
                to = self.update_to[position : position + count]
                position += count
                cuts = np.flatnonzero(np.diff(to) != 1) + 1
                runs = np.split(to, cuts) if count else []
                told += [len(runs), *(x for run in runs for x in (run[0], len(run)))]
        return np.array(told, int)

    @property
    def cost(self) -> float:
        """About what a step costs, one factorisation and eight solves, in operations of four."""
        runs = self.update_runs
        operations = len(self.diagonal) + np.sum(self.diagonal - self.row_start[:-1])
        num_runs = (len(runs) - operations) / 2
        return 2.0 * num_runs + len(self.update_to) / 4 + 8.0 * len(self.column)


def elimination(rows: np.ndarray, columns: np.ndarray, size: int) -> Elimination:
    """Order the states to keep the factors sparse, and find where they fill in.

    The order is of least degree on the pattern of J + Jᵀ (SuperLU's), or the states' own where
    that costs less, as in a chain of nodes. No rows are exchanged: the diagonal holds the shift,
    and the solver checks its residuals.

    Args:
        rows: Row of each entry of the Jacobian.
        columns: Column of each entry.
        size: Number of states.
    """
    tried = (_order(rows, columns, size), np.arange(size))
    return min((_filled(rows, columns, order) for order in tried), key=lambda one: one.cost)


def _filled(rows: np.ndarray, columns: np.ndarray, order: np.ndarray) -> Elimination:
    size = len(order)
    place = np.empty(size, int)
    place[order] = np.arange(size)
    pattern: list[set[int]] = [{i} for i in range(size)]
    for i, j in zip(place[rows], place[columns], strict=True):
        pattern[i].add(int(j))
    right: list[list[int]] = []  # of the diagonal, in rows already eliminated
    for i in range(size):
        for k in range(i):
            if k in pattern[i]:
                pattern[i].update(right[k])
        right.append(sorted(j for j in pattern[i] if j > i))
    row_start = np.cumsum([0, *(len(row) for row in pattern)])
    column = np.concatenate([sorted(row) for row in pattern])
    where = [dict(zip(sorted(row), range(start, start + len(row)), strict=True))
             for row, start in zip(pattern, row_start[:-1], strict=True)]  # fmt: skip
    update_to = [where[i][j] for i in range(size) for k in sorted(pattern[i]) if k < i
                 for j in right[k]]  # fmt: skip
    return Elimination(
        order=order,
        row_start=row_start,
        column=column,
        diagonal=np.array([where[i][i] for i in range(size)]),
        update_to=np.array(update_to, int),
        entry_to=np.array(
            [where[i][j] for i, j in zip(place[rows], place[columns], strict=True)], int
        ),
    )


def _order(rows: np.ndarray, columns: np.ndarray, size: int) -> np.ndarray:
    from scipy.sparse import coo_matrix, csc_matrix  # a third of a second; for a new library only
    from scipy.sparse.linalg import splu

    values = np.random.default_rng(0).uniform(-1, 0, len(rows))
    matrix = coo_matrix((values, (rows, columns)), shape=(size, size)).tocsc()
    heavy = csc_matrix(matrix + 10.0 * size * coo_matrix((np.ones(size), (range(size),) * 2)))
    factors = splu(heavy, "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return np.argsort(factors.perm_c)
