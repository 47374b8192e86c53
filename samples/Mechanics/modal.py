"""Natural frequencies of a plane frame read from a mesh file."""
from pathlib import Path

import numpy as np
from scipy.linalg import eigh

import essaim


def read_mesh(path: Path):
    """Lines `node NAME X Y`, `beam A B`, `fix NAME`; # begins a remark."""
    names, places, beams, fixed = {}, [], [], []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        try:
            match words:
                case []:
                    pass
                case ["node", name, x, y]:
                    names[name] = len(places)
                    places.append((float(x), float(y)))
                case ["beam", a, b]:
                    beams.append((names[a], names[b]))
                case ["fix", name]:
                    fixed.append(names[name])
                case _:
                    raise ValueError("a line is 'node NAME X Y', 'beam A B' or 'fix NAME'")
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path.name}:{number}: {'no node ' if isinstance(error, KeyError) else ''}{error}") from None
    return np.array(places), beams, fixed


def element(young, inertia, area, density, along):
    """Stiffness and consistent mass of a beam in the plane, in the frame's axes: u, v, rotation at either end."""
    length = np.hypot(*along)
    c, s = along / length
    k, h = young * area / length, young * inertia / length ** 3
    stiff, mass = np.zeros((6, 6)), np.zeros((6, 6))
    stiff[np.ix_([0, 3], [0, 3])] = [[k, -k], [-k, k]]
    bending = [1, 2, 4, 5]
    stiff[np.ix_(bending, bending)] = h * np.array([
        [12, 6 * length, -12, 6 * length], [6 * length, 4 * length ** 2, -6 * length, 2 * length ** 2],
        [-12, -6 * length, 12, -6 * length], [6 * length, 2 * length ** 2, -6 * length, 4 * length ** 2]])
    whole = density * area * length
    mass[np.ix_([0, 3], [0, 3])] = whole / 6 * np.array([[2, 1], [1, 2]])
    mass[np.ix_(bending, bending)] = whole / 420 * np.array([
        [156, 22 * length, 54, -13 * length], [22 * length, 4 * length ** 2, 13 * length, -3 * length ** 2],
        [54, 13 * length, 156, -22 * length], [-13 * length, -3 * length ** 2, -22 * length, 4 * length ** 2]])
    turn = np.kron(np.eye(2), np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]))
    return turn.T @ stiff @ turn, turn.T @ mass @ turn


def main(mesh: Path, young: float = 210e9, density: float = 7850.0, area: float = 1e-4, inertia: float = 8.333e-10, modes: int = 5, divide: int = 8):
    """Each beam of the mesh is divided into `divide` elements. Frequencies in Hz."""
    corners, beams, fixed = read_mesh(mesh)
    places, elements = list(corners), []
    for a, b in beams:
        chain = [a, *range(len(places), len(places) + divide - 1), b]
        places += [corners[a] + (corners[b] - corners[a]) * n / divide for n in range(1, divide)]
        elements += list(zip(chain, chain[1:]))
    places = np.array(places)
    stiff, mass = np.zeros((3 * len(places),) * 2), np.zeros((3 * len(places),) * 2)
    for index, (a, b) in enumerate(elements):
        k, m = element(young, inertia, area, density, places[b] - places[a])
        at = np.ix_(*[[3 * a, 3 * a + 1, 3 * a + 2, 3 * b, 3 * b + 1, 3 * b + 2]] * 2)
        stiff[at] += k
        mass[at] += m
        essaim.progress(0.5 * (index + 1) / len(elements), "assembling")
    free = np.setdiff1d(np.arange(3 * len(places)), [3 * node + axis for node in fixed for axis in range(3)])
    essaim.progress(0.5, f"eigenvalues of {len(free)} unknowns")
    squares, shapes = eigh(stiff[np.ix_(free, free)], mass[np.ix_(free, free)], subset_by_index=[0, min(modes, len(free)) - 1])
    frequencies = np.sqrt(np.maximum(squares, 0)) / (2 * np.pi)
    draw(places, elements, free, shapes, frequencies)
    return {"frequencies": frequencies, "unknowns": len(free)}


def draw(places, elements, free, shapes, frequencies):
    low, high = places.min(axis=0), places.max(axis=0)
    span = max(*(high - low), 1e-9)
    parts = []
    for mode in range(min(3, len(frequencies))):
        moves = np.zeros(3 * len(places))
        moves[free] = shapes[:, mode]
        moved = places + np.column_stack([moves[0::3], moves[1::3]]) / np.abs(moves).max() * 0.15 * span
        for nodes, colour in ((places, "#bbb"), (moved, "#06c")):
            for a, b in elements:
                (x1, y1), (x2, y2) = ((point - low) / span * 160 for point in (nodes[a], nodes[b]))
                parts.append(f'<line x1="{30 + 210 * mode + x1:.1f}" y1="{210 - y1:.1f}" x2="{30 + 210 * mode + x2:.1f}" y2="{210 - y2:.1f}" stroke="{colour}"/>')
        parts.append(f'<text x="{30 + 210 * mode}" y="240" font-family="sans-serif" font-size="12">{frequencies[mode]:.4g} Hz</text>')
    Path("modes.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 250">{"".join(parts)}</svg>')
    essaim.artifact("modes.svg", title="Mode shapes")
