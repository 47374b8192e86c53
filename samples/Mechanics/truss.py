"""A plane truss by finite elements: forces of its bars, moves of its nodes, reactions."""
import json
from pathlib import Path

import numpy as np

import essaim


def picture(nodes, bars, forces, moves, path):
    low, high = nodes.min(axis=0), nodes.max(axis=0)
    scale = 560 / max(*(high - low), 1e-9)
    enlarge = 0.08 * max(*(high - low)) / max(np.abs(moves).max(), 1e-300)

    def at(point):
        x, y = (point - low) * scale
        return f"{40 + x:.1f}", f"{40 + (high[1] - low[1]) * scale - y:.1f}"

    lines = []
    for places, colours in ((nodes, None), (nodes + moves * enlarge, forces)):
        for index, (a, b) in enumerate(bars):
            colour = "#bbb" if colours is None else "#c30" if colours[index] < 0 else "#06c"
            (x1, y1), (x2, y2) = at(places[a]), at(places[b])
            lines.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="2"/>')
    height = 80 + (high[1] - low[1]) * scale
    Path(path).write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height:.0f}"><title>Truss: blue pulls, red pushes; moves enlarged</title>{"".join(lines)}</svg>')


def main(model: Path, young: float = 210e9, area: float = 1e-4):
    """model: JSON with nodes [[x, y]], bars [[a, b]], fixed [[node, "x" | "y" | "xy"]] and loads [[node, fx, fy]]; metres, newtons."""
    given = json.loads(model.read_text())
    nodes, bars = np.array(given["nodes"], dtype=float), np.array(given["bars"], dtype=int)
    size = nodes.size
    matrix, directions, lengths = np.zeros((size, size)), [], []
    for a, b in bars:
        along = nodes[b] - nodes[a]
        length = np.hypot(*along)
        if length == 0:
            raise ValueError(f"the bar from {a} to {b} has no length")
        cosines = along / length
        directions.append(cosines)
        lengths.append(length)
        vector = np.concatenate([-cosines, cosines])
        places = [2 * a, 2 * a + 1, 2 * b, 2 * b + 1]
        matrix[np.ix_(places, places)] += young * area / length * np.outer(vector, vector)
    loads = np.zeros(size)
    for node, fx, fy in given["loads"]:
        loads[2 * node:2 * node + 2] += (fx, fy)
    fixed = sorted(2 * node + "xy".index(axis) for node, axes in given["fixed"] for axis in axes)
    free = np.setdiff1d(np.arange(size), fixed)
    stiff = matrix[np.ix_(free, free)]
    if np.linalg.matrix_rank(stiff) < len(free):
        raise ValueError("the truss can move without resistance: it needs more bars or supports")
    moves = np.zeros(size)
    moves[free] = np.linalg.solve(stiff, loads[free])
    reactions = matrix @ moves - loads
    shifts = moves.reshape(-1, 2)
    forces = np.array([young * area / length * cosines @ (shifts[b] - shifts[a]) for (a, b), cosines, length in zip(bars, directions, lengths)])

    picture(nodes, bars, forces, shifts, "truss.svg")
    essaim.artifact("truss.svg", title="Forces and moves")
    return {
        "forces": forces,
        "moves": shifts,
        "reactions": {f"{place // 2}{'xy'[place % 2]}": reactions[place] for place in fixed},
        "balance": [reactions[0::2].sum() + loads[0::2].sum(), reactions[1::2].sum() + loads[1::2].sum()],
    }
