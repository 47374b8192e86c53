# ends: error
with open("result.json", "w") as file:
    file.write('"' + "x" * (2 << 20) + '"')
