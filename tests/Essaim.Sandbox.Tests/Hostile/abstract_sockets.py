# ends: ok
# inputs: name
import socket
import essaim
with socket.socket(socket.AF_UNIX) as channel:
    try:
        channel.connect("\0" + essaim.inputs["name"])
        print("ESCAPED: reached the host's socket")
    except OSError as error:
        print("contained:", error)
