"""The table of instruments: what is read, what it was tried on, and what nobody has verified.

`python -m skinmech_chip_adapters.catalogue > docs/instruments.md` writes the page.
"""

import importlib
import sys
from dataclasses import dataclass

from skinmech_chip_adapters.discovery import adapters
from skinmech_chip_adapters.known import unread

STATES = {
    "recorded": "tried on real files",
    "documented": "written from descriptions; no real file was at hand",
    "declared": "the side-car describes the format",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """What an adapter was tried on.

    Attributes:
        files: One short description for each real file.
        unverified: What no real file has shown.
    """

    files: tuple[str, ...] = ()
    unverified: str = ""


_PLATE = "other read modes, kinetic runs and other locales than the files show"
TRIED: dict[str, Tried] = {
    "allotrope_asm": Tried((), "every technique; documents of other converters than the known one"),
    "anndata_h5ad": Tried(("one small h5ad",), "nothing of its content is read"),
    "autolab_nova": Tried(
        (
            *("inserts, 29 points, published fit known", "inserts, 29 points"),
            *("inserts, late day", "medium, multisine, 3 sweeps of 66 points"),
            "model cell, 3 sweeps, known resistances",
        ),
        "exports with other columns or languages",
    ),
    "biologic_mpt": Tried(
        (
            "EC-Lab 11.18, one sweep of 43 points",
            "EC-Lab 11.50, four loops of 21 points; its binary twin is refused",
        ),
        "techniques other than PEIS; German exports with decimal comma only on made files",
    ),
    "biomark": Tried(("48.48 array with 310 failed chambers",), "other arrays and versions"),
    "bioplex_manager": Tried(
        ("Bio-Plex Manager 6.2, 15 analytes, 64 samples, gzip",),
        "versions before 6 and after 6.2; plates with stated units of concentration",
    ),
    "bmg_mars": Tried(("PHERAstar, one absorbance plate",), _PLATE),
    "cellzscope_model": Tried(("7 parameters of 8 wells at 39 times",), "other circuits"),
    "cellzscope_raw": Tried(
        ("312 spectra of 8 wells, 1 Hz to 100 kHz",), "exports of other software versions"
    ),
    "cfx_maestro": Tried(
        ("48 reactions in two dyes",), "exports with lines about the run; melting curves"
    ),
    "ecis_abp": Tried(
        ("6 wells, 9 frequencies, 48 times, resampled by the vendor",),
        "recordings that were not resampled; plates other than 96 wells",
    ),
    "ecis_rba": Tried(("the vendor's model of the same run",), "other models of the vendor"),
    "envision": Tried(("two absorbance plates, 450 nm",), _PLATE),
    "fcs": Tried(
        ("FCS 3.1 of 1589 events, 14 channels",),
        "FCS 2.0 and 3.0, list modes with mixed bit widths",
    ),
    "gamry": Tried(
        ("Framework, 72 points, Latin-1", "Framework, 10 points"),
        "aborted runs and decimal commas only on made files",
    ),
    "gen5": Tried(
        (
            "3.12, absorbance with standard curve",
            "3.15, fluorescence of a few wells, whose results lack a row of its layout",
        ),
        _PLATE,
    ),
    "generic_table": Tried((), "whatever the side-car states is believed"),
    "luminex_intelliflex": Tried(
        (),
        "whole plates; retyped rows of public exports of software 2.0 and 2.1 were read, no file "
        "is at hand; workbooks",
    ),
    "luminex_xponent": Tried(
        ("xPONENT 4.3, 2 analytes, warnings", "13 kinds of block, 5 analytes"),
        "magnetic-bead protocols with concentrations and units in the file",
    ),
    "mpsdb_csv": Tried((), "tables that the database itself exported; columns as in its source"),
    "msd_discovery_workbench": Tried(
        ("4 rows, all above the range",),
        "plates with dilutions, several spots, or a stated unit",
    ),
    "msd_methodical_mind": Tried(("two plates with one spot",), "multi-spot plates"),
    "novabio_flex2": Tried(("6 samples",), "units, which no file states"),
    "olink": Tried(
        ("Explore HT parquet (made-up values in the real schema)",),
        "real values; the long CSV; Target panels as workbook",
    ),
    "ome_tiff": Tried(("one OME-TIFF of two channels",), "pyramids and files in several parts"),
    "palmsens": Tried(
        ("PSTrace session, 5 frequencies",), "sessions with other techniques mixed in"
    ),
    "presens_fibox": Tried(
        ("Fibox 3, fourteen stretches in changing units",), "Fibox 4: written from a description"
    ),
    "presens_sdr": Tried(("24 wells, oxygen",), "pH dishes"),
    "pyroscience": Tried(
        ("Workbench, one oxygen channel",),
        "Pyro Oxygen Logger: written from descriptions; pH and several devices in one file",
    ),
    "quantstudio": Tried(
        ("7 Flex text, ten reactions", "Design & Analysis 2.6 workbook of standards"),
        "files with unknowns in the workbook form; `.eds`",
    ),
    "rdml": Tried(("RDML 1.0 of StepOne, a standard curve",), "RDML of Bio-Rad and LightCycler"),
    "sciospec": Tried(
        ("one channel", "a second channel of the same run"), "other measuring set-ups"
    ),
    "softmax_pro": Tried(
        ("part of a 96-well plate at three wavelengths",), _PLATE + "; German files on made ones"
    ),
    "tecan": Tried(
        ("Magellan, 384 wells at two wavelengths", "SparkControl 2.1, luminescence of 9 wells"),
        "i-control; kinetic runs",
    ),
    "xcelligence_text": Tried(("96 wells, 243 times",), "exports of impedance instead of index"),
}

# Instruments without any recorded file: read through `generic_table`, which the side-car describes.
NO_RECORDING = (
    ("TEER by hand", "WPI EVOM2, EVOM3, EVOM Auto; MIMETAS OrganoTEER; Locsense Artemis"),
    ("impedance", "Zahner, Keysight, Zurich Instruments, Ivium, Parstat, older Autolab"),
    ("flow and pressure", "Elveflow, Fluigent, ibidi"),
    ("organ-on-chip systems", "Emulate, CN-Bio, TissUse"),
    ("skin probes", "Courage+Khazaka, Delfin, AquaFlux, Cortex DermaLab, Konica Minolta"),
    ("immunoassays", "Simoa, Ella"),
)


def markdown() -> str:
    """The page `docs/instruments.md`."""
    known = adapters()
    files = sum(len(TRIED[name].files) for name in known if name in TRIED)
    lines = [
        "# Instruments",
        "",
        "Written by `python -m skinmech_chip_adapters.catalogue`; a test keeps it current.",
        "",
        f"{len(known)} formats, {files} real files. Every recording and every made example is also",
        "cut and damaged at random places by the tests: what comes back is right, flagged, or an",
        "error. A format is *recorded* if it was tried on a real file; that shows the file's own",
        "version and options, and nothing about others. The last column says what nobody verified.",
        "",
        "| Instrument | Adapter | State | Tried on | Not verified |",
        "|---|---|---|---|---|",
    ]
    for name, adapter in known.items():
        tried = TRIED.get(name, Tried((), "not described"))
        shown = f"{len(tried.files)}: " + "; ".join(tried.files) if tried.files else "–"
        lines.append(
            f"| {adapter.display_name} | `{name}` | {adapter.release_state} | {shown} | "
            f"{tried.unverified} |"
        )
    lines += ["", *(f"- *{name}*: {text}." for name, text in STATES.items())]
    lines += [
        "",
        "## Without a recorded file",
        "",
        'No real file of these was found. They are read with `adapter = "generic_table"`: you say',
        "in the side-car what each column is and in which unit, and nothing is guessed. If you can",
        "share a file, [add the instrument](extending/add-an-instrument.md).",
        "",
        "| Kind | Instruments |",
        "|---|---|",
        *(f"| {kind} | {names} |" for kind, names in NO_RECORDING),
        "",
        "## Recognised and not read",
        "",
        "These are refused by name; the message says what to give instead.",
        "",
        "| Format | Instead |",
        "|---|---|",
        *(f"| {one.what} | {one.instead} |" for one in unread()),
        "",
        "## The formats",
        "",
    ]
    for name, adapter in known.items():
        package = importlib.import_module(f"skinmech_chip_adapters.instruments.{name}")
        lines += [f"### {adapter.display_name}", "", (package.__doc__ or "").strip(), ""]
        names = ", ".join(f"`{one}`" for one in (name, *adapter.aliases))
        lines.append(f"In the side-car: `adapter` = {names}.")
        for key, meaning in adapter.extra_keys.items():
            lines.append(f"- `{key}`: {meaning}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(markdown().encode("utf-8"))
