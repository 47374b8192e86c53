"""Heat in a square plate whose edges are kept cold: minutes of steps, with progress, and a checkpoint to go on from."""
import signal
import sys
from pathlib import Path
from typing import Optional

import numpy as np
from scipy.sparse import diags, identity, kron
from scipy.sparse.linalg import splu

import essaim


def laplacian(points: int, spacing: float):
    line = diags([np.full(points - 1, 1.0), np.full(points, -2.0), np.full(points - 1, 1.0)], [-1, 0, 1]) / spacing ** 2
    return kron(identity(points), line) + kron(line, identity(points))


def picture(field, path):
    step = max(1, len(field) // 40)
    coarse = field[::step, ::step]
    cell, top = 10, max(coarse.max(), 1e-300)
    squares = "".join(
        f'<rect x="{x * cell}" y="{y * cell}" width="{cell}" height="{cell}" fill="rgb({int(255 * value / top)},40,{int(255 * (1 - value / top))})"/>'
        for y, row in enumerate(coarse) for x, value in enumerate(np.clip(row, 0, None)))
    Path(path).write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {coarse.shape[1] * cell} {coarse.shape[0] * cell}">{squares}</svg>')


def main(diffusivity: float = 1.2e-5, side: float = 0.1, seconds: float = 60.0, points: int = 60, steps: int = 600, checkpoint: Optional[Path] = None):
    """Crank-Nicolson in time, five points in space; it begins as sin(pi x) sin(pi y). diffusivity in m^2/s, side in m."""
    spacing, step = side / (points + 1), seconds / steps
    inside = np.arange(1, points + 1) * spacing
    shape = np.outer(np.sin(np.pi * inside / side), np.sin(np.pi * inside / side))
    field, done = shape.ravel().copy(), 0
    if checkpoint:
        with np.load(checkpoint) as saved:
            field, done = saved["field"], int(saved["done"])
        essaim.log(f"going on from step {done}")

    def save(*_):
        np.savez_compressed("checkpoint.npz", field=field, done=done)
        essaim.log(f"saved after step {done}", level="warning")
        sys.exit(0)

    signal.signal(signal.SIGTERM, save)
    change = 0.5 * step * diffusivity * laplacian(points, spacing)
    unit = identity(points * points)
    solve, ahead = splu((unit - change).tocsc()).solve, (unit + change).tocsr()
    while done < steps:
        # Both at once for who saves in between.
        field, done = solve(ahead @ field), done + 1
        essaim.progress(done / steps, f"{done * step:.1f} s")
    picture(field.reshape(points, points), "plate.svg")
    essaim.artifact("plate.svg", title=f"After {seconds:g} s")
    middle = field.reshape(points, points)[points // 2, points // 2] / shape[points // 2, points // 2]
    return {"middle": middle, "closed_form": float(np.exp(-2 * np.pi ** 2 * diffusivity * seconds / side ** 2)), "steps": done}
