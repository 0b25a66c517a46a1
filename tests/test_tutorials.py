"""The tutorials run as they stand, each in a kernel of its own, and print what they show."""

import math
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def shown(cell):
    """What a cell shows, by kind: text, and which other forms there are."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.name, output.text
        else:
            yield "result", output.data.get("text/plain", "")
            yield "forms", " ".join(sorted(output.data))


def same(new, old):
    """Whether two texts are the same but for last digits, which the processor decides."""
    numbers = [[float(word.replace(",", "")) for word in _NUMBER.findall(text)] for text in (new, old)]
    words = [" ".join(_NUMBER.sub("0", text).split()) for text in (new, old)]
    return words[0] == words[1] and all(math.isclose(*pair, rel_tol=0.02, abs_tol=1e-3) for pair in zip(*numbers, strict=True))


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_prints_what_it_shows(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(path, as_version=4)
    expected = [dict(shown(cell)) for cell in notebook.cells]
    assert any(expected)
    (tmp_path / "work").mkdir()
    resources = {"metadata": {"path": str(tmp_path / "work")}}
    NotebookClient(notebook, kernel_name="python3", timeout=120, coalesce_streams=True, resources=resources).execute()
    for cell, outputs in zip(notebook.cells, expected, strict=True):
        found = dict(shown(cell))
        assert found.keys() == outputs.keys(), cell.source
        for kind, text in outputs.items():
            assert same(found[kind], text), f"{cell.source}\n\nshows\n{text}\n\nand prints\n{found[kind]}"


def test_a_change_of_words_or_figures_is_seen():
    assert same("MAML by 0.002712 [0.0012]", "MAML by 0.002713  [0.0012]")
    assert not same("MAML by 0.27", "MAML by 0.35")
    assert not same("MAML by 0.27", "joint training by 0.27")
