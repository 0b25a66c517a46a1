"""A concentration bound with log(1/delta) in a user's file is judged by replicates; without its logarithm's share it falls."""

from __future__ import annotations

import json
from pathlib import Path

from verify import bounds

FILE = Path(__file__).resolve().parent.parent / "docs" / "my_concentration.py"


def verdicts(path: Path, folder: Path) -> dict[str, str]:
    out = folder / "found.json"
    bounds.main([str(path), "--jobs", "1", "--json", str(out)])
    content = json.loads(out.read_text())
    return {record["name"]: record["verdict"] for record in (content["records"] if isinstance(content, dict) else content)}


def test_it_is_borne_out_and_its_control_refuted(tmp_path: Path) -> None:
    assert verdicts(FILE, tmp_path) == {"my_concentration": "sampled", "my_concentration/false-sibling": "refuted"}


def test_a_radius_that_leaves_out_a_part_of_the_logarithm_is_refuted(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    # at delta = 1/4 the true quantile is about 0.67 standard deviations, and this radius is 0.54 of them at most
    path.write_text(FILE.read_text().replace("log(1 / delta) / (2 * N)", "log(1 / delta) / (19 * N)"))
    assert verdicts(path, tmp_path)["my_concentration"] == "refuted"
