# result: {"rank": 3, "norm": 3.742, "solution": [1.0, 2.0, 3.0]}
import numpy as np


def main():
    matrix = np.diag([1.0, 2.0, 3.0])
    return {"rank": np.linalg.matrix_rank(matrix), "norm": np.round(np.linalg.norm(matrix), 3), "solution": np.linalg.solve(matrix, matrix @ np.array([1.0, 2.0, 3.0]))}
