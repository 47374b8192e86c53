# result: 8000000.0
# limits: memory=512M
import numpy as np


def main():
    return (np.ones((20, 400_000)) * 1.0).sum()
