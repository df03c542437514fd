"""The recordings, whose they are, and the least side-car that makes each readable.

The side-car is completed by following the error messages, as a user would: targets that are said to
be undeclared are declared, an ambiguous date gets its order. What a message cannot tell stands in
`STATED`.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

from skinmech_chip_adapters import ChipDataError, ChipRecord, Sidecar, read

# Every recording that an adapter must claim, and which. All others belong to none.
OWN = {
    "biologic/exampleDataBioLogic.mpt": "biologic_mpt",
    "biologic/peis.issue_149.mpt": "biologic_mpt",
    "biologic/peis.issue_149.mpr": "biologic_mpt",  # claimed to be refused: the binary twin
    "biomark/BioMark_sample.csv": "biomark",
    "bioplex_manager/bio-rad_bio-plex_manager_example_01.xml.gz": "bioplex_manager",
    "bmg_mars/PHERAstar output file.CSV": "bmg_mars",
    "cellzscope/zscopemodel.txt": "cellzscope_model",
    "cellzscope/zscoperaw.txt": "cellzscope_raw",
    "cfx_maestro/example01.csv": "cfx_maestro",
    "ecis/ecis_TimeResample.abp": "ecis_abp",
    "ecis/ecis_TimeResample_RbA.csv": "ecis_rba",
    "envision/PE_Envision_absorbance_A450_example.csv": "envision",
    "fcs/B01 KC-A-W---91-US.fcs": "fcs",
    "gamry/eispot_data.dta": "gamry",
    "gamry/exampleDataGamry.DTA": "gamry",
    "gen5/endpoint_single_plate_example.txt": "gen5",
    "gen5/endpoint_stdcurve_singleplate.txt": "gen5",
    "h5ad/adata.h5ad": "anndata_h5ad",
    "luminex_xponent/luminex_xPONENT_example02.csv": "luminex_xponent",
    "luminex_xponent/luminex_xPONENT_missing_optional_fields.csv": "luminex_xponent",
    "msd/methodical_test_1.txt": "msd_methodical_mind",
    "msd/msd_workbench_test_1.csv": "msd_discovery_workbench",
    "nova_epithelial_eis/16HBE_TW01_d3_endohm1_freq": "autolab_nova",
    "nova_epithelial_eis/RPEmedia_TW1-1_d1_chamber1_channel1_5freq5sine_freq": "autolab_nova",
    "nova_epithelial_eis/RPMI_TW01_d5_endohm2_freq": "autolab_nova",
    "nova_epithelial_eis/RPMI_TW04_d9_endohm2_freq": "autolab_nova",
    "nova_epithelial_eis/noSoln_modelCell_d1_chamber1_channel1_freq": "autolab_nova",
    "novabio_flex2/SampleResultsDEVICE1232021-02-18_104838.csv": "novabio_flex2",
    "olink/npx_data_ext.parquet": "olink",
    "ome/ome.tiff": "ome_tiff",
    "palmsens/eis_5freq.pssession": "palmsens",
    "presens/fibox_3_file.txt": "presens_fibox",
    "presens/sdr_file.txt": "presens_sdr",
    "pyroscience/A_FirestingO2(2Channels)_(ACh.1)_Oxygen.txt": "pyroscience",
    "quantstudio/appbio_quantstudio_example05.txt": "quantstudio",
    "quantstudio/appbio_quantstudio_designandanalysis_QS7Pro_Primary_Analysis_example18.xlsx": (
        "quantstudio"
    ),
    "rdml/stepone_std.rdml": "rdml",
    "sciospec/ECISadapter1_demoexperiment1_00001.spec": "sciospec",
    "sciospec/ECISadapter2_demoexperiment1_00001.spec": "sciospec",
    "softmax_pro/MD_SMP_absorbance_endpoint_partial_plate_example05.txt": "softmax_pro",
    "tecan/SLA01P01_ELISA.xlsx": "tecan",
    "tecan/tekan_spark_endpoint.xlsx": "tecan",
    "xcelligence/testOutput.csv": "xcelligence_text",
}
REFUSED = {"biologic/peis.issue_149.mpr": "binary_file"}

_FLEX2 = "".join(
    f'"SAMPLE {n:04d}" = {{ chip = "C", technical_replicate = "{n}" }}\n' for n in range(1, 7)
)
STATED = {
    "fcs/B01 KC-A-W---91-US.fcs": 'analytes = { "FL1-A" = "CD31", "FL2-A" = "CD45" }',
    "gen5/endpoint_single_plate_example.txt": 'on_bad_row = "keep_flagged"',
    "novabio_flex2/SampleResultsDEVICE1232021-02-18_104838.csv": "[file.well_map]\n" + _FLEX2,
}
_NAMED = re.compile(r"(?:analyte|target) '(.*)'")
_ROUNDS = 6


class Needs:
    """What a side-car has to say so far."""

    def __init__(self, stated: str = ""):
        self.targets: dict[str, None] = {}
        self.options: dict[str, str] = {}
        self.stated = stated

    def text(self, filename: str) -> str:
        """The side-car."""
        options = "\n".join(f'{key} = "{value}"' for key, value in self.options.items())
        return (
            f'[study]\nid = "recording"\ntargets = {json.dumps(list(self.targets))}\n[chip.C]\n'
            f'[[file]]\npath = {json.dumps(filename)}\nchip = "C"\ntime = "72 h"\n'
            f"{options}\n{self.stated}\n"
        )

    def learn(self, error: ChipDataError) -> bool:
        """Take what the messages ask for; False if they ask for nothing known."""
        before = (len(self.targets), len(self.options))
        for one in error.errors:
            named = _NAMED.search(one.found)
            if one.code == "undeclared_target" and named:
                self.targets[named[1]] = None
            elif one.code == "ambiguous_date":
                self.options["date_order"] = "MDY"
            elif one.code == "unknown_encoding":
                self.options["encoding"] = "cp1252"
        return before != (len(self.targets), len(self.options))


def sidecar_text(path: Path, key: str) -> str:
    """A side-car with which the recording is read.

    Raises:
        ChipDataError: What still stands in the way after all known messages were followed.
    """
    needs = Needs(STATED.get(key, ""))
    for _ in range(_ROUNDS):
        text = needs.text(path.name)
        try:
            read_with(path, text)
        except ChipDataError as error:
            if not needs.learn(error):
                raise
        else:
            return text
    raise AssertionError(f"{key} was not read after {_ROUNDS} rounds")


def read_with(path: Path, text: str) -> ChipRecord:
    """The record of one file by a side-car given as text."""
    return read(path, Sidecar.from_text(text, folder=path.parent))


class Job(NamedTuple):
    """A file to be damaged, and the side-car that it is read with."""

    key: str
    path: Path
    sidecar: str
