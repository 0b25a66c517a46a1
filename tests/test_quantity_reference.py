"""The reference of quantities is made from the code: all of them, with their arguments, on a terminal and in the documents."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from verify.bounds import main
from verify.quantities import QUANTITIES
from verify.reports import quantities

PAGE = Path(__file__).resolve().parent.parent / "docs" / "quantities.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == quantities.page(), "run python -m verify.reports.quantities > docs/quantities.md"


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_has_its_arguments_and_a_meaning(name: str) -> None:
    (entry,) = [entry for entry in quantities.entries() if entry.name == name]
    quantity = QUANTITIES[name]
    function, own = (quantity.floats, ["batch"]) if quantity.replicates is None else (quantity.replicates, ["batch", "rng"])
    arguments = list(inspect.signature(function).parameters)
    assert arguments[: len(own)] == own
    arguments = arguments[1 if quantity.replicates is None else 3 :]
    assert entry.call.startswith(f"{name}(")
    assert [word.strip("*").partition("=")[0] for word in entry.call[len(name) + 1 : -1].split(", ") if word] == arguments
    assert all(len(meaning) > 3 for meaning in entry.meanings)
    assert entry.group
    if entry.example:  # a call that a claim makes, of the same arguments
        assert entry.example.startswith(f"{name}(")
        assert entry.claim


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_list_fits_a_terminal(width: int) -> None:
    lines = quantities.listed(width).splitlines()
    assert max(map(len, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_command_prints_it_and_refuses_what_it_would_ignore(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quantities"]) == 0
    out = capsys.readouterr().out
    assert "modeling_error(trained, deployed)\n      modeling error J_B(theta*_A) - J_B(theta*_B)\n" in out
    assert main(["distance", "--quantities"]) == 2
    assert capsys.readouterr().err == "verify.bounds: CLAIM means nothing with --quantities; leave it out\n"
