"""Deflection of a beam under one force, by finite elements, beside the closed form."""
from typing import Literal

import numpy as np

import essaim


def stiffness(bending: float, length: float) -> np.ndarray:
    """Of an Euler-Bernoulli element: deflection and slope at either end."""
    a, b, c, d = 12.0, 6.0 * length, 4.0 * length ** 2, 2.0 * length ** 2
    return bending / length ** 3 * np.array([[a, b, -a, b], [b, c, -b, d], [-a, -b, a, -b], [b, d, -b, c]])


def picture(x, y, title):
    width, height, margin = 640, 240, 30
    across = margin + (x - x[0]) / (x[-1] - x[0]) * (width - 2 * margin)
    down = height / 2 - y / max(abs(y).max(), 1e-300) * (height / 2 - margin)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><title>{title}</title>'
            f'<line x1="{margin}" y1="{height / 2}" x2="{width - margin}" y2="{height / 2}" stroke="#999" stroke-dasharray="4"/>'
            f'<polyline points="{points}" fill="none" stroke="#06c" stroke-width="2"/>'
            f'<text x="{margin}" y="20" font-family="sans-serif" font-size="13">{title}: at most {abs(y).max() * 1e3:.3f} mm</text></svg>')


def main(load: float, length: float, young: float = 210e9, inertia: float = 8.36e-6,
         support: Literal["cantilever", "simple"] = "cantilever", elements: int = 20):
    """load in N, length in m, young in Pa, inertia in m^4. The force acts at the free end, or in the middle of the span."""
    if min(length, young, inertia) <= 0 or elements < 2 or elements % 2:
        raise ValueError("length, young and inertia are greater than zero; elements is even and at least 2")
    nodes = elements + 1
    matrix = np.zeros((2 * nodes, 2 * nodes))
    part = stiffness(young * inertia, length / elements)
    for element in range(elements):
        at = slice(2 * element, 2 * element + 4)
        matrix[at, at] += part
    forces = np.zeros(2 * nodes)
    loaded = elements if support == "cantilever" else elements // 2
    forces[2 * loaded] = -load
    fixed = [0, 1] if support == "cantilever" else [0, 2 * elements]
    free = np.setdiff1d(np.arange(2 * nodes), fixed)
    moves = np.zeros(2 * nodes)
    moves[free] = np.linalg.solve(matrix[np.ix_(free, free)], forces[free])

    x, deflection = np.linspace(0.0, length, nodes), moves[::2]
    with open("deflection.svg", "w") as file:
        file.write(picture(x, deflection, f"{support} beam, {load:g} N"))
    essaim.artifact("deflection.svg", title="Deflection")
    np.savetxt("deflection.csv", np.column_stack([x, deflection]), delimiter=",", header="x_m,deflection_m", comments="")
    divisor = 3 if support == "cantilever" else 48
    return {
        "deflection": -deflection[loaded],
        "closed_form": load * length ** 3 / (divisor * young * inertia),
        "moment": load * length / (1 if support == "cantilever" else 4),
    }
