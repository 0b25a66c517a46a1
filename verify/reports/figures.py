"""Figures of a report as inline SVG, without a plotting library: colours come from the page, so they follow light and dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from theory.notation import TABLE, typeset
from verify.instances.codes import Array
from verify.reports.mathml import in_a_line
from verify.shell.numbers import ratio_text
from verify.studies.regions import FAILS, UNDECIDED, Map

if TYPE_CHECKING:
    from verify.proofs.covers import Cover

#: size of the drawing area and its margins, in SVG units
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 520, 240, 44, 40, 12
#: points drawn of a cloud: enough to see its edge, few enough to keep a page small
_POINTS = 900
#: smallest side of a box that is marked as violated beside its colour
_MARKED = 10
#: height of a line of text
_LINE = 14


def cloud(label: str, x: Array, ratio: Array, worst: float) -> str:
    """Ratios of the two sides on random instances against a parameter, below the line at 1, with the worst found.

    Parameters
    ----------
    label : str
        Of the horizontal axis; empty if it means nothing.
    x, ratio : arrays (count,)
        x in [0, 1].
    worst : float
        Largest ratio that a search found; NaN draws none.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    top = 1.05 if not worst > 1.05 else min(float(worst), 3.0)
    keep = np.linspace(0, len(x) - 1, min(len(x), _POINTS)).astype(int) if len(x) else np.array([], int)
    shown_x, shown = np.clip(x[keep], 0, 1), np.clip(ratio[keep], 0, top)
    path = "".join(f"M{_across(a):.1f} {_up(b, top):.1f}h.01" for a, b in zip(shown_x, shown, strict=True))
    found = f"; worst found {ratio_text(worst)}" if worst == worst else ""
    parts = [_frame(f"Ratio of the sides on {len(x)} random instances{found}")]
    for tick in np.arange(0, top + 1e-9, 0.25 if top < 1.5 else 0.5):
        parts.append(_horizontal(float(tick), top))
    parts.append(f'<path class="bound" d="M{_LEFT} {_up(1, top):.1f}H{_WIDTH}"/>')
    parts.append(f'<path class="dots" d="{path}"/>')
    if worst == worst:
        height, said = _up(min(worst, top), top), ratio_text(worst, 4)
        parts.append(f'<path class="worst" d="M{_LEFT} {height:.1f}H{_WIDTH}"/>')
        parts.append(f'<text class="note" x="{_WIDTH - 4}" y="{height + 14:.1f}" text-anchor="end">worst {said}</text>')
    parts.append(f'<text class="label" x="2" y="{_TOP}">left side / right side</text>')
    parts.append(_x_ends("0", "1", told(label)))
    return "".join([*parts, "</svg>"])


def validity(found: Map) -> str:
    """A map of validity as tiles; what fails is also crossed, what is undecided dotted, so that colour is not needed.

    Parameters
    ----------
    found : Map

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    columns, rows = len(found.x.values), len(found.y.values)
    wide, high = (_WIDTH - _LEFT) / columns, (_HEIGHT - _BOTTOM - _TOP) / rows
    across, up = told(found.x.label), told(found.y.label)
    parts = [_frame(f"Where {found.claim} holds and fails over {across} and {up}")]
    for i, row in enumerate(found.status):
        y = _HEIGHT - _BOTTOM - (i + 1) * high
        parts.append(
            f'<text class="tick" x="{_LEFT - 6}" y="{y + high / 2 + 4:.1f}" text-anchor="end">'
            f"{float(found.y.values[i]):.3g}</text>"
        )
        for j, status in enumerate(row):
            x = _LEFT + j * wide
            parts.append(
                f'<rect class="{status}" x="{x:.1f}" y="{y:.1f}" width="{wide - 1:.1f}" height="{high - 1:.1f}">'
                f"<title>{escape(across)} = {float(found.x.values[j]):.4g}, {escape(up)} = "
                f"{float(found.y.values[i]):.4g}: {status}</title></rect>"
            )
            middle, centre = x + wide / 2, y + high / 2
            if status == FAILS:
                parts.append(f'<path class="mark" d="M{middle - 4:.1f} {centre - 4:.1f}l8 8m0 -8l-8 8"/>')
            elif status == UNDECIDED:
                parts.append(f'<circle class="mark" cx="{middle:.1f}" cy="{centre:.1f}" r="2"/>')
    if found.x.stated is not None and found.x.stated < found.x.values[-1]:
        inside = sum(value <= found.x.stated for value in found.x.values)
        parts.append(f'<path class="stated" d="M{_LEFT + inside * wide - 0.5:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>')
    parts.append(_x_ends(f"{float(found.x.values[0]):.3g}", f"{float(found.x.values[-1]):.3g}", across))
    parts.append(f'<text class="tick" x="2" y="{_TOP + 2}">{escape(up)}</text>')
    return "".join([*parts, "</svg>"])


def boxes(cover: Cover) -> str:
    """The boxes of a branch and bound over two parameters: settled ones the stronger the larger their slack, the rest marked.

    Parameters
    ----------
    cover : verify.proofs.covers.Cover

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    wide, high = _WIDTH - _LEFT, _HEIGHT - _BOTTOM - _TOP
    about = f"{cover.claim}: boxes over {told(cover.x)} and {told(cover.y)}" + (
        f" at {told(cover.fixed)}" if cover.fixed else ""
    )
    # a line of title above and one of legend below
    high -= 2 * _LINE
    parts = [_frame(about), f"<title>{escape(about)}</title>"]
    parts.append(f'<text class="label" x="{_LEFT}" y="{_TOP + 2}">{escape(about)}</text>')
    bottom, first = _HEIGHT - _BOTTOM - _LINE, _HEIGHT - _BOTTOM - _LINE - high
    shades = _shades(cover)
    for leaf in cover.leaves:
        (x, x_end), (y, y_end) = ([float(end) for end in sides] for sides in leaf.box)
        left, top, width, height = _LEFT + x * wide, bottom - y_end * high, (x_end - x) * wide, (y_end - y) * high
        kind = "fails" if leaf.violated else "undecided" if leaf.mark is None else "holds"
        shade = f' fill-opacity="{shades[leaf.bound]:.2f}"' if kind == "holds" else ""
        said = f"bound {leaf.bound:.2g}" if leaf.bound == leaf.bound else "no bound"
        parts.append(
            f'<rect class="box {kind}" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}"{shade}>'
            f"<title>{kind}, {said}</title></rect>"
        )
        if kind == "fails" and min(width, height) > _MARKED:
            middle, centre = left + width / 2, top + height / 2
            parts.append(f'<path class="mark" d="M{middle - 3:.1f} {centre - 3:.1f}l6 6m0 -6l-6 6"/>')
    for end, at in zip(cover.y_ends, (bottom, first + 10), strict=True):
        parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{at}" text-anchor="end">{escape(told(end))}</text>')
    for part in range(5):
        across, up = _LEFT + part / 4 * wide, bottom - part / 4 * high
        parts.append(f'<path class="tickmark" stroke="currentColor" d="M{across:.1f} {bottom}v4M{_LEFT} {up:.1f}h-4"/>')
    parts.append(f'<text class="label" x="4" y="{first + high / 2:.0f}">{escape(told(cover.y))}</text>')
    for end, anchor, at in zip(cover.x_ends, ("start", "end"), (_LEFT, _WIDTH), strict=True):
        parts.append(f'<text class="tick" x="{at}" y="{bottom + 16}" text-anchor="{anchor}">{escape(told(end))}</text>')
    parts.append(
        f'<text class="label" x="{(_LEFT + _WIDTH) / 2}" y="{bottom + 16}" text-anchor="middle">{escape(told(cover.x))}</text>'
    )
    parts.append(_legend({"holds": "certified, the stronger the more slack", "undecided": "undecided", "fails": "violated"}))
    return "".join([*parts, "</svg>"])


def told(label: str) -> str:
    """A label as people write it, with Greek letters and indices, and not as Python spells it.

    Examples
    --------
    >>> told("alpha / (2/beta)"), told("root_u"), told("nu")
    ('α / (2/β)', '√u', 'ν')
    """
    return re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda found: _letters().get(found[0], found[0]), label)


@lru_cache(maxsize=1)
def _letters() -> dict[str, str]:
    """Symbols by their names, as a line of text without typesetting shows them."""
    return {str(symbol): in_a_line(typeset(symbol)) for symbol in TABLE}


def _legend(entries: Mapping[str, str]) -> str:
    """Small boxes of a figure's kinds with what they mean, in its last line."""
    parts, at = [], float(_LEFT)
    for kind, meaning in entries.items():
        parts.append(f'<rect class="box {kind}" x="{at:.0f}" y="{_HEIGHT - 16}" width="11" height="11"/>')
        parts.append(f'<text class="tick" x="{at + 16:.0f}" y="{_HEIGHT - 6}">{escape(meaning)}</text>')
        at += 34 + 6.6 * len(meaning)
    return "".join(parts)


def _shades(cover: Cover) -> dict[float, float]:
    """Opacity by slack: the part of the settled area that has less.  Slacks themselves span decades, and would look alike."""
    settled = sorted((leaf for leaf in cover.leaves if leaf.mark is not None), key=lambda leaf: leaf.bound)
    whole, below, found = cover.settled or 1.0, 0.0, {}
    for leaf in settled:
        found[leaf.bound] = 0.25 + 0.75 * below / whole
        (x, x_end), (y, y_end) = leaf.box
        below += float((x_end - x) * (y_end - y))
    return found


def bar(ratio: float) -> str:
    """A small bar for a worst ratio: full at 1."""
    width = 60 * min(max(ratio, 0.0), 1.0)
    track, kind = '<rect class="track" width="60" height="8"/>', "over" if ratio > 1 else "fill"
    return (
        f'<svg class="bar" viewBox="0 0 60 8" role="img" aria-label="worst ratio {ratio_text(ratio, 4)}">{track}'
        f'<rect class="{kind}" width="{width:.1f}" height="8"/></svg>'
    )


def _frame(description: str) -> str:
    return f'<svg class="figure" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(description, quote=True)}">'


def _across(x: float) -> float:
    return _LEFT + x * (_WIDTH - _LEFT - 4)


def _up(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _BOTTOM - _TOP)


def _horizontal(value: float, top: float) -> str:
    height = _up(value, top)
    return (
        f'<path class="grid" d="M{_LEFT} {height:.1f}H{_WIDTH}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{value:g}</text>'
    )


def _x_ends(first: str, last: str, label: str) -> str:
    baseline = _HEIGHT - _BOTTOM + 16
    ends = (
        ""
        if not label
        else (
            f'<text class="tick" x="{_LEFT}" y="{baseline}">{escape(first)}</text>'
            f'<text class="tick" x="{_WIDTH}" y="{baseline}" text-anchor="end">{escape(last)}</text>'
        )
    )
    return ends + (
        f'<text class="label" x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"{escape(label or 'random instances')}</text>"
    )
