"""The study file: one donor's chips, clinic, treatments, fit and forecasts, as plain data.

`load` reads `study.toml` and the clinical tables it names, and refuses with every problem at
once. A donor is a code; fields that identify a person are refused and never shown.
"""

import dataclasses
from pathlib import Path

DISEASES = ("healthy", "atopic", "psoriatic")
PHOTOTYPES = ("I", "II", "III", "IV", "V", "VI")
LAMPS = ("NB-UVB", "broadband UVB", "UVA", "UVA1", "solar simulator")
AGE_GROUPS = ("infant", "adult", "elderly")
INDICATIONS = {"atopic": "atopic dermatitis", "psoriatic": "psoriasis"}


@dataclasses.dataclass(frozen=True)
class TreatmentLine:
    """A drug, light or tape strips given to the donor.

    Attributes:
        drug: Catalogue name or path of a drug file; empty for light and strips.
        regimen: Words of a label, or empty for the label itself.
        start: Day it begins, or happens.
        stop: Day it ends; None: with the stretch of time looked at.
        adherence: Fraction of each dose that is taken.
        fluence: Ultraviolet fluence with its unit, or empty.
        strips: Number of tape strips, or zero.
        lamp: Lamp of the fluence; empty for narrow-band UVB.
    """

    drug: str = ""
    regimen: str = ""
    start: float = 0.0
    stop: float | None = None
    adherence: float = 1.0
    fluence: str = ""
    strips: int = 0
    lamp: str = ""

    @property
    def words(self) -> str:
        """One short phrase."""
        if self.strips:
            return f"{self.strips} tape strips"
        if self.fluence:
            return f"ultraviolet {self.fluence} {self.lamp}".strip()
        return f"{self.drug} {self.regimen}".strip()


@dataclasses.dataclass(frozen=True)
class ClinicRow:
    """One clinical value: day, observable, value in `unit` (empty: the observable's own)."""

    day: float
    observable: str
    value: float
    unit: str = ""
    sd: float | None = None
    censor: str = "none"
    n: int = 1
    source: str = ""


@dataclasses.dataclass(frozen=True)
class Clinic:
    """Values of one stretch of the donor's life, and the treatments in it.

    Attributes:
        name: Unique within a study.
        rows: Values to fit.
        treatments: What was given until the last of them.
        file: The table they come from, if any.
        first_dose: First exposure of a patient of a phototherapy cohort [J/cm2]; None: another.
    """

    name: str
    rows: tuple[ClinicRow, ...]
    treatments: tuple[TreatmentLine, ...]
    file: Path | None = None
    first_dose: float | None = None


@dataclasses.dataclass(frozen=True)
class ChipData:
    """A chip of a saved record.

    Attributes:
        record: Path of the HDF5 record.
        chip: Name of the chip in it.
        observe: Observables of the model to use; empty: all that the record offers.
        immune_cells: Immune cells relative to living dermis.
        melanocytes: Melanocytes relative to living skin.
        volume: Channel volume with its unit, where the record states none.
        flow: Flow with its unit, where the record states none.
        area: Tissue area with its unit, where the record states none.
        collection: Days over which each effluent sample was collected; None: spot samples.
        spectra: What sweeps are compared as: `"teer"` or `"impedance"`.
    """

    record: Path
    chip: str
    observe: tuple[str, ...] = ()
    immune_cells: float = 0.0
    melanocytes: float = 0.0
    volume: str = ""
    flow: str = ""
    area: str = ""
    collection: float | None = None
    spectra: str = "teer"


@dataclasses.dataclass(frozen=True)
class FitPlan:
    """Which parameters are free, how many starts, and the seed."""

    free: tuple[str, ...] = ()
    starts: int = 3
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Forecast:
    """A therapy to look ahead at."""

    name: str
    treatments: tuple[TreatmentLine, ...]
    weeks: float = 16.0


@dataclasses.dataclass(frozen=True)
class Donor:
    """A donor by code, with what is known of the skin.

    Attributes:
        code: Pseudonym.
        disease: `"healthy"`, `"atopic"` or `"psoriatic"`.
        filaggrin_null_alleles: 0, 1, 2, or None if not known.
        phototype: I to VI, or empty.
        weight: Body weight [kg], or None.
        age_group: `"infant"`, `"adult"` or `"elderly"`.
        th1_score, th2_score, th17_score, th22_score: Standard scores of the T-cell axes.
        s_aureus: Load relative to an average patient.
    """

    code: str = ""
    disease: str = "healthy"
    filaggrin_null_alleles: int | None = None
    phototype: str = ""
    weight: float | None = None
    age_group: str = "adult"
    th1_score: float = 0.0
    th2_score: float = 0.0
    th17_score: float = 0.0
    th22_score: float = 0.0
    s_aureus: float = 1.0


@dataclasses.dataclass(frozen=True)
class Study:
    """All of a study file.

    Attributes:
        path: The file.
        study_id: Short code.
        title: One line.
        donor: The donor.
        parameters: Values other than the defaults, by path.
        priors: Centre and spread of priors other than the declared ones, by free parameter.
        clinics: Clinical data.
        chips: Chip data.
        treatments: What the donor gets in a simulation of this study.
        fit: How to fit.
        forecasts: Therapies to look ahead at.
    """

    path: Path
    study_id: str
    title: str = ""
    donor: Donor = Donor()
    parameters: dict[str, float] = dataclasses.field(default_factory=dict)
    clinics: tuple[Clinic, ...] = ()
    chips: tuple[ChipData, ...] = ()
    treatments: tuple[TreatmentLine, ...] = ()
    fit: FitPlan = FitPlan()
    forecasts: tuple[Forecast, ...] = ()
    priors: dict[str, tuple[float, float]] = dataclasses.field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, Path]:
        """Every file the study rests on, by its role (names of files stay out of reports)."""
        files = {"study file": self.path}
        tables = [one.file for one in self.clinics if one.file is not None]
        files |= {f"clinical table {i}": path for i, path in enumerate(tables, 1)}
        records = dict.fromkeys(one.record for one in self.chips)
        return files | {f"chip record {i}": path for i, path in enumerate(records, 1)}


def load(path: str | Path) -> Study:
    """Read a study file and the clinical tables it names.

    Raises:
        UserError: everything that is wrong, each with file, key, found, expected and fix.
    """
    from .study_reader import read_study

    return read_study(Path(path))
