"""The figures of a reproduction in all their formats."""

from __future__ import annotations

import csv
import json
from xml.etree import ElementTree as ET

from exittui.compare.published import MAIL, Times
from exittui.compare.reproduction import Calibrated, Prediction, Reproduction, Swept
from exittui.export.reproduction import FORMATS, svg

KERNELS = (MAIL.baseline, MAIL.changed, *MAIL.predicted)
FOUND = Reproduction(
    measurement=MAIL,
    sample=500,
    calibrated=Calibrated(user=505.0, kernel=197.0, locked=49.0, alone=31.0),
    predictions=tuple(
        Prediction(
            kernel=kernel,
            times=Times(137.0 - number, 545.0, 281.0 - number),
            switches=44_000 - number,
            spin=48.0,
            idle=254.0,
            latency=1_780_500,
            unaccounted=16.5,
            draws=(Times(-0.01 * number, 0.0, 0.01), Times(0.03 * number, 0.0, 0.02)),
        )
        for number, kernel in enumerate(KERNELS)
    ),
    sweep=(
        Swept("as assumed", "", -0.005, 0.004),
        Swept("chance: another seed", "2", -0.007, 0.003),
        Swept("cost switch", "×2", -0.031, -0.02),
        Swept("cost fork", "×2", 0.0, 0.0, "reaper: limit: stopped"),
    ),
)


def test_csv_has_all_that_is_said_in_tables() -> None:
    head, *rows = csv.reader(FORMATS["csv"](FOUND))
    assert head[:5] == ["what", "kernel", "real", "user", "sys"]
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0][:5] == ["published", "reaper", "136.930", "544.570", "280.550"]
    by_kernel = {row[1]: dict(zip(head, row, strict=True)) for row in rows[3:7]}
    assert by_kernel["reaper"]["what"] == "calibrated"
    assert by_kernel["mpi-2025-05"]["switches"] == "43999"
    assert by_kernel["mpi-2025-05"]["exit to wait4"] == "0.001780500"
    assert [row[0] for row in rows[7:]] == [
        "sweep as assumed",
        "sweep chance: another seed 2",
        "sweep cost switch ×2",
        "sweep cost fork ×2",
    ]


def test_json_has_all_of_it() -> None:
    document = json.loads("".join(FORMATS["json"](FOUND)))
    assert [one["kernel"] for one in document["predictions"]] == list(KERNELS)
    assert document["predictions"][0]["latency"] == 1_780_500
    assert len(document["sweep"]) == len(FOUND.sweep)


def test_text_says_how_far_off_the_prediction_is() -> None:
    text = "\n".join(FORMATS["text"](FOUND))
    assert "The prediction is far off" in text
    assert "real  predicted -0.7%, published -8.1% and -7.2%" in text
    assert "reaper: limit: stopped" in text
    assert "real -1.0% to +3.0%" in text
    assert "the mean of 2 draws" in text


def test_the_picture_shows_every_case_that_has_a_difference() -> None:
    root = ET.fromstring(svg(FOUND))  # noqa: S314 - it is ours
    words = " ".join(one.text or "" for one in root.iter() if one.tag.endswith("text"))
    assert "cost switch" in words
    assert "NaN" not in words
