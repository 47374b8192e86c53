# result: {"ran": true}
# A file without a function of that name is a script; it leaves its result itself.
import json
import sys

if __name__ == "__main__":
    with open("result.json", "w") as file:
        json.dump({"ran": sys.argv[0] == "script.py"}, file)
