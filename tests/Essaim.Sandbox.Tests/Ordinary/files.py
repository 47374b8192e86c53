# result: "6 rows"
# collected: table.csv data/archive.zip
import csv
import os
import tempfile
import zipfile


def main():
    with open("table.csv", "w", newline="") as file:
        csv.writer(file).writerows([n, n * n] for n in range(6))
    os.mkdir("data")
    with zipfile.ZipFile("data/archive.zip", "w") as archive:
        archive.write("table.csv")
    with tempfile.TemporaryFile() as scratch:
        scratch.write(b"x" * 100_000)
    with open("table.csv", newline="") as file:
        return f"{len(list(csv.reader(file)))} rows"
