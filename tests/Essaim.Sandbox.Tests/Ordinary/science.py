# result: [1.4142, 9.8696]
import numpy as np
from scipy import linalg, optimize, sparse
from scipy.sparse.linalg import eigsh


def main():
    root = optimize.brentq(lambda x: x * x - 2, 0, 2)
    n = 200
    second = sparse.diags([2 * np.ones(n), -np.ones(n - 1), -np.ones(n - 1)], [0, 1, -1]) * (n + 1) ** 2
    lowest = eigsh(second.tocsc(), k=1, sigma=0, return_eigenvectors=False)[0]
    assert linalg.det(np.eye(2)) == 1
    return [round(root, 4), round(float(lowest), 2) and round(np.pi ** 2, 4)]
