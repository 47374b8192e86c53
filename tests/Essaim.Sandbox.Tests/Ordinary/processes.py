# result: [0, 1, 4, 9, 16, 25]
import multiprocessing


def square(n):
    return n * n


def main():
    with multiprocessing.Pool(3) as pool:
        return pool.map(square, range(6))
