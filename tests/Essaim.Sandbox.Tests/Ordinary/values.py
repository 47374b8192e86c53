# result: {"when": "2026-01-31", "part": {"name": "beam", "mass": 2.5}, "pair": [1, 2], "none": null, "text": "é"}
import dataclasses
import datetime


@dataclasses.dataclass
class Part:
    name: str
    mass: float


def main():
    return {"when": datetime.date(2026, 1, 31), "part": Part("beam", 2.5), "pair": (1, 2), "none": None, "text": "é"}
