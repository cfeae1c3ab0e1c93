"""A bare responder on a bridge, in a process of its own: the least that can answer a poll.

``bridge_echo.py PORT LINES`` says yes to a hello and to every open, and answers one byte 00 at once
to every general poll, until it is killed. It decodes nothing but where a frame ends.
"""

from __future__ import annotations

import contextlib
import socket
import sys

from protocols.sas import bridge_frames as said
from protocols.sas.bridge import FrameReader, encode
from protocols.sas.symbols import Symbols


def main(port: int, lines: int) -> None:
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)
    host, _ = listener.accept()
    host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    nothing = Symbols(b"\x00", (False,))
    frames, opened = FrameReader(), 0
    while opened < lines:
        for frame in frames.feed(host.recv(4096)):
            if isinstance(frame, said.Hello):
                host.sendall(encode(said.Hello(lines=lines, name="echo")))
            elif isinstance(frame, said.Open):
                host.sendall(encode(said.LineIs(frame.line, said.LineState.OPEN)))
                opened += 1
    answers = {
        encode(said.Send(line, Symbols(bytes([0x80 | address]), (True,))))[:-1]: encode(
            said.Came(line, nothing)
        )
        for line in range(1, lines + 1)
        for address in range(1, 9)
    }
    rest = b""
    with contextlib.suppress(ConnectionError):
        while data := host.recv(65_536):
            *pieces, rest = (rest + data).split(b"\0")
            host.sendall(b"".join(answers.get(piece, b"") for piece in pieces))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
