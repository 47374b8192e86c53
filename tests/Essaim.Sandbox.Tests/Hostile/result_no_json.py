# ends: error
with open("result.json", "wb") as file:
    file.write(b"\xff\xfe{NaN")
