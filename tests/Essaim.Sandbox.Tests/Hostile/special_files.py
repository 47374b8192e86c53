# ends: ok
# collected: plain.txt
import os
import socket
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
with open("plain.txt", "w") as file:
    file.write("plain")
