# result: 3
def main():
    return 3


if __name__ == "__main__":
    raise SystemExit("a function's file is loaded, not run as a script")
