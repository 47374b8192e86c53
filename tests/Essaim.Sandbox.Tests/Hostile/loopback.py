# ends: ok
# inputs: port
import socket
import essaim
for address in (("127.0.0.1", essaim.inputs["port"]), ("::1", essaim.inputs["port"]), ("1.1.1.1", 53), ("169.254.169.254", 80)):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as channel:
        channel.settimeout(2)
        try:
            channel.connect(address)
            print("ESCAPED: connected to", address)
        except OSError as error:
            print("contained:", address, error)
