# ends: error
with open("result.json", "w") as file:
    file.write("[" * 100_000 + "]" * 100_000)
