"""The emulator on a port of its own, which it says, until its standard input ends: with the test that started it."""

import logging
import os
import sys

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
logging.getLogger("werkzeug").disabled = True

from moto.server import ThreadedMotoServer  # noqa: E402

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
