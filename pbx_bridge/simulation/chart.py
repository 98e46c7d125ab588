"""The cells as a picture: occupancy as a bar, its confidence interval, the bar to reach, drops beside it. Plain SVG."""

from collections.abc import Sequence
from html import escape

from pbx_bridge.simulation.runs import Cell

_COLOURS = ("#2b6cb0", "#90cdf4", "#a0aec0", "#dd6b20", "#68a17a", "#805ad5", "#b7791f")
_LEFT, _WIDTH, _ROW, _GAP = 260, 640, 16, 14


def svg(cells: Sequence[Cell]) -> str:
    """One group of bars a world, one bar a policy; from 40 % to 90 % of staffed time."""
    worlds = list(dict.fromkeys(cell.world for cell in cells))
    policies = list(dict.fromkeys(cell.policy for cell in cells))
    lines: list[str] = []
    y = 54
    for world in worlds:
        top = y
        for cell in (cell for cell in cells if cell.world == world):
            lines += _bar(cell, y, _COLOURS[policies.index(cell.policy) % len(_COLOURS)])
            y += _ROW
        lines.append(_text(_LEFT - 10, (top + y) / 2 + 4, world, "end"))
        y += _GAP
    height = y + 20
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1060 {height}" font-family="system-ui, sans-serif" '
            f'font-size="12" role="img" aria-label="Occupancy and drops by world and policy">',
            f'<rect width="1060" height="{height}" fill="#fff"/>',
            *_legend(policies),
            *_grid(height),
            *lines,
            "</svg>",
            "",
        ]
    )


def html(cells: Sequence[Cell]) -> str:
    """The picture and the numbers, as one page that needs nothing else."""
    rows = "\n".join(
        f"<tr><td>{escape(c.world)}<td>{escape(c.policy)}<td>{c.occupancy:.1f} ± {c.interval:.1f}"
        f"<td>{'' if c.bar is None else f'{c.bar:.1f}'}<td>{c.drops:.2f}<td>{c.worst_drops:.2f}<td>{c.seeds_over_cap}"
        for c in cells
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pacing, simulated</title>'
        "<style>body{font:14px system-ui,sans-serif;margin:24px}table{border-collapse:collapse;margin-top:16px}"
        "td,th{padding:4px 10px;border-bottom:1px solid #ddd;text-align:left;font-variant-numeric:tabular-nums}</style>"
        f"<h1>Pacing, simulated</h1>{svg(cells)}<table><tr><th>world<th>policy<th>occupancy, %<th>bar"
        f"<th>drops, %<th>worst seed<th>seeds over the cap{rows}</table></html>\n"
    )


def _x(occupancy: float) -> float:
    return _LEFT + _WIDTH * (min(90.0, max(40.0, occupancy)) - 40.0) / 50.0


def _bar(cell: Cell, y: float, colour: str) -> list[str]:
    end = _x(cell.occupancy)
    middle = y + _ROW / 2 - 1
    low, high = _x(cell.occupancy - cell.interval), _x(cell.occupancy + cell.interval)
    parts = [
        f'<rect x="{_LEFT}" y="{y}" width="{end - _LEFT:.1f}" height="{_ROW - 3}" fill="{colour}"/>',
        f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#1a202c" stroke-width="1.5"/>',
    ]
    if cell.bar is not None:
        parts.append(f'<path d="M{_x(cell.bar):.1f} {y - 2}v{_ROW + 1}" stroke="#c53030" stroke-width="2"/>')
    over = f", {cell.seeds_over_cap} of {cell.seeds} over" if cell.seeds_over_cap else ""
    parts.append(_text(max(end, high) + 8, y + 10, f"{cell.occupancy:.1f} · drops {cell.drops:.1f} %{over}", "start"))
    return parts


def _legend(policies: Sequence[str]) -> list[str]:
    parts = []
    for place, policy in enumerate(policies):
        x = 20 + 150 * place
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{_COLOURS[place % len(_COLOURS)]}"/>')
        parts.append(_text(x + 18, 22, policy, "start"))
    return parts


def _grid(height: int) -> list[str]:
    parts = []
    for percent in range(40, 91, 10):
        x = _x(percent)
        parts.append(f'<path d="M{x:.1f} 40V{height - 20}" stroke="#e2e8f0"/>')
        parts.append(_text(x, 38, f"{percent} %", "middle"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
