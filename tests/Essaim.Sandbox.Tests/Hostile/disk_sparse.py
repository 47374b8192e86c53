# ends: ok
try:
    with open("sparse", "wb") as file:
        file.truncate(1 << 40)
    print("ESCAPED: a file of a terabyte")
except OSError as error:
    print("contained:", error)
