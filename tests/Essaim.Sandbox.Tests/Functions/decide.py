"""For lines of {"main": source, "inputs": {…}, "texts": {…}}: the schema essaim_inputs makes of it, and the inputs it finds wrong. decide.py FOLDER-OF-ESSAIM_INPUTS"""
import json
import os
import sys

sys.path.insert(0, sys.argv[1])
import essaim_inputs  # noqa: E402

# The two files that "are given".
os.path.isfile = lambda path: path in ("/in/mesh.inp", "/in/load.csv")
os.listdir = lambda path: ["mesh.inp", "load.csv", "params.json"]

for line in sys.stdin:
    case = json.loads(line)
    tree = compile(case["main"], "main.py", "exec", 0x400, dont_inherit=True)
    main = tree.body[0]
    _, problems = essaim_inputs.bind(main, case["inputs"], case["texts"])
    print(json.dumps({"schema": essaim_inputs.schema(main), "wrong": [[one["input"], one["message"]] for one in problems]}))
