"""A bare responder on ptys, in a process of its own: the least that can answer a poll.

``responder.py sas|modbus N`` opens N ptys, prints the slaves' names, and answers until killed:
a general poll with 00, a read of two Modbus registers with two registers.
"""

from __future__ import annotations

import os
import select
import struct
import sys
import tty


def modbus_crc(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def main(kind: str, links: int) -> None:
    body = bytes((1, 3, 4, 0, 1, 0, 2))
    answer = b"\x00" if kind == "sas" else body + modbus_crc(body)
    poller = select.epoll()
    for _ in range(links):
        master, slave = os.openpty()
        tty.setraw(slave)
        poller.register(master, select.EPOLLIN)
        print(os.ttyname(slave), flush=True)
    print("ready", flush=True)
    while True:
        for fd, _ in poller.poll():
            asked = os.read(fd, 256)
            if kind == "modbus" or asked[-1] & 0x7F:
                os.write(fd, answer)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
