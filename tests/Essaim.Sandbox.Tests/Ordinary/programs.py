# result: "hello"
import subprocess


def main():
    return subprocess.run("echo hello | cat", shell=True, capture_output=True, text=True, check=True).stdout.strip()
