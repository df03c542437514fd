"""What can be wrong with the files of a cohort."""

from ..errors import CalibrationError


class CohortError(CalibrationError):
    """A plan does not make sense, or files do not belong to it or are damaged."""
