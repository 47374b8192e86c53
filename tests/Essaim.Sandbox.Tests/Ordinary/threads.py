# result: 4950
from concurrent.futures import ThreadPoolExecutor


def main():
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(int, range(100)))
