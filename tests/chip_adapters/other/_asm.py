"""Small ASM files for the tests."""

from skinmech_chip_adapters.instruments.allotrope_asm.writer import measurement, write

NAME = "allotrope_asm"
PLATE = [f"{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)]
TARGET = ("", "", 'targets = ["KRT10", "IL-8", "alpha"]')


def said(records):
    return {one.code for one in records.messages}


def plate(wells, *, count, value=0.5, time=""):
    measurements = [
        measurement(number, {"absorbance": (value + number / 128, "mAU")}, well=well, plate="P")
        for number, well in enumerate(wells, 1)
    ]
    return write(measurements, well_count=count, time=time)


def one(values, **more):
    options = {"errors", "more", "role", "well", "sample"}
    inner = {key: more.pop(key) for key in list(more) if key in options}
    return write([measurement(1, values, **inner)], **more)


def cycles(value, **more):
    processed = {"cycle threshold result (qPCR)": {"value": value, "unit": "(unitless)"},
                 "data processing document": {
                     "cycle threshold value setting (qPCR)": {"value": 133.0, "unit": "(unitless)"}
                 }}  # fmt: skip
    more = {"processed data aggregate document": {"processed data document": [processed]},
            "target DNA description": "KRT10", **more}  # fmt: skip
    return one({}, more=more, technique="qpcr")


def calculated(number, name, value, *sources):
    return {
        "calculated data name": name,
        "calculated data identifier": f"R{number}",
        "calculated result": {"value": value, "unit": "(unitless)"},
        "data source aggregate document": {
            "data source document": [{"data source identifier": f"ID_{one}"} for one in sources]
        },
    }


def elisa(results, detection=""):
    custom = {"assay identifier": "IL-8", **({"detection range": detection} if detection else {})}
    documents = [
        measurement(n, {"luminescence": (3513.0 + n, "RLU")}, sample=f"S{n}",
                    more={"custom information document": custom})
        for n in (1, 2, 3)
    ]  # fmt: skip
    return write(
        documents, calculated=[calculated(n, "Calc. Concentration", v, n) for n, v in results]
    )
