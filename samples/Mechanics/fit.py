"""Parameters of a law from measurements: least squares, with their standard deviations."""
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.optimize import curve_fit

import essaim

LAWS = {
    "saturation": lambda x, a, b: a * (1 - np.exp(-b * x)),
    "power": lambda x, a, b: a * x ** b,
    "line": lambda x, a, b: a + b * x,
}


def main(data: Path, law: Literal["saturation", "power", "line"] = "saturation", start: list[float] = [1.0, 1.0]):
    """data: CSV with a line of names, then x,y."""
    x, y = np.loadtxt(data, delimiter=",", skiprows=1, unpack=True)
    values, covariance = curve_fit(LAWS[law], x, y, p0=start, xtol=1e-12, ftol=1e-12, maxfev=10_000)
    rest = y - LAWS[law](x, *values)
    fine = np.linspace(x.min(), x.max(), 100)

    def at(a, b):
        return f"{40 + (a - x.min()) / (x.max() - x.min()) * 560:.1f},{220 - (b - y.min()) / (y.max() - y.min()) * 180:.1f}"

    dots = "".join(f'<circle transform="translate({at(a, b)})" r="3" fill="#c30"/>' for a, b in zip(x, y))
    line = " ".join(at(a, b) for a, b in zip(fine, LAWS[law](fine, *values)))
    Path("fit.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 240"><polyline points="{line}" fill="none" stroke="#06c"/>{dots}</svg>')
    essaim.artifact("fit.svg", title=f"{law}: measured and fitted")
    return {"parameters": values, "deviations": np.sqrt(np.diag(covariance)), "residual": float(rest @ rest)}
