"""The least that can be attached to a status socket: reads, and throws away what it read.

``bare_readers.py SOCKET NUMBER`` attaches so many times, prints ``there``, and goes on until it is
killed.
"""

from __future__ import annotations

import select
import socket
import sys

CHUNK_BYTES = 256 * 1024


def main(path: str, number: int) -> None:
    poll = select.poll()
    attached = {}
    for _ in range(number):
        one = socket.socket(socket.AF_UNIX)
        one.connect(path)
        attached[one.fileno()] = one
        poll.register(one, select.POLLIN)
    print("there", flush=True)
    buffer = bytearray(CHUNK_BYTES)
    while attached:
        for descriptor, _ in poll.poll():
            if not attached[descriptor].recv_into(buffer):
                poll.unregister(descriptor)
                del attached[descriptor]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
