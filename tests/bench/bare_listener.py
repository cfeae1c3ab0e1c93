"""The least that can follow a status socket: reads each line and parses its JSON.

``bare_listener.py SOCKET`` prints ``there`` after the first line, and goes on until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import sys


async def main(path: str) -> None:
    reader, _ = await asyncio.open_unix_connection(path, limit=16 * 1024 * 1024)
    state, told = {}, False
    while line := await reader.readline():
        message = json.loads(line)
        if message["kind"] == "egm":
            state[message["egm"]["asset"]] = message["egm"]
        if not told:
            told = True
            print("there", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
