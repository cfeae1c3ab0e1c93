"""The simulator's control API, as far as the demonstration needs it.

HTTP by hand over one short-lived connection: the parent forks children, and so has no threads.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

REQUEST_TIMEOUT_S = 2.0
ANSWER_BYTES_MAX = 1024 * 1024


class ControlError(Exception):
    """The simulator's control API does not answer as it should."""


def control_url(run_folder: Path) -> str:
    """Return the address of the control API of the simulator in ``run_folder``.

    Raises:
        ControlError: the simulator has not written it yet, or something else.
    """
    path = run_folder / "control.json"
    try:
        url = json.loads(path.read_text("utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ControlError(f"{path}: no address of the simulator's control API ({error})") from None
    if not isinstance(url, str):
        raise ControlError(f"{path}: its url is {url!r}")
    return url


async def request(run_folder: Path, method: str, path: str, body: object = None) -> object:
    """Send one request to the simulator in ``run_folder`` and return the JSON that it answers.

    Raises:
        ControlError: no answer within ``REQUEST_TIMEOUT_S``, or not a good one.
    """
    url = control_url(run_folder)
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            status, answer = await _exchange(url, method, path, body)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        raise ControlError(f"{method} {url}{path}: {error!r}") from None
    if status != 200:
        raise ControlError(f"{method} {url}{path}: HTTP status {status}")
    try:
        return json.loads(answer)
    except ValueError as error:
        raise ControlError(f"{method} {url}{path}: not JSON ({error})") from None


async def _exchange(url: str, method: str, path: str, body: object) -> tuple[int, bytes]:
    """Return status and body; HTTP/1.0, so the answer ends with the connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {parts.path.rstrip('/')}{path} HTTP/1.0\r\nHost: {parts.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        await writer.drain()
        status = int((await reader.readline()).split(maxsplit=2)[1])
        while (await reader.readline()).strip():
            pass
        return status, await _read_all(reader)
    except IndexError:
        raise ValueError("not HTTP") from None
    finally:
        writer.close()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while piece := await reader.read(65_536):
        answer += piece
        if len(answer) > ANSWER_BYTES_MAX:
            raise ValueError(f"more than {ANSWER_BYTES_MAX} bytes")
    return answer
