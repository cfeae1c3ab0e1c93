"""Signed reports: the gateway states whose report it is and what its digests are, and signs that.

The key is the gateway's own (Ed25519), so that a technician's console cannot sign for anybody; the
statement has the user as the kernel of the gateway's computer knows them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from pydantic import Field, ValidationError

from gateway.commissioning.plans import Kind
from gateway.commissioning.report import Report
from gateway.commissioning.step import Verdict
from gateway.commissioning.told import Model

FORMAT: Final = "slotgw-statement 1"
CONTEXT: Final = b"slotgw report statement\n"
"""Stands before what is signed: nothing else that this key may sign one day can be taken for it."""
SEED_BYTES: Final = 32
BEGIN: Final = "-----BEGIN SLOTGW SIGNATURE-----"
END: Final = "-----END SLOTGW SIGNATURE-----"
FILE_BYTES_MAX: Final = 4 * 1024 * 1024

_HEX = Field(pattern="^[0-9a-f]{64}$")


class BadReportError(Exception):
    """A file is no signed report, or not as it was signed; says why."""


class Statement(Model):
    """What the gateway states about a report.

    Attributes:
        format: of the statement.
        site: the casino, ``gateway`` ours there, ``birthid`` its start, ``version`` its program's.
        asset: the machine.
        kind: which check, and its ``verdict``.
        person: user on the gateway's computer, as its kernel knows them.
        at: when, RFC 3339.
        event: id of the event that tells of the check.
        report: SHA-256 of the report's body, ``text`` of its text, in hex.
        key: the public key, in hex.
    """

    format: Literal["slotgw-statement 1"] = FORMAT
    site: str
    gateway: str
    birthid: str
    version: str
    asset: str
    kind: Kind
    verdict: Verdict
    person: str
    at: str
    event: str
    report: str = _HEX
    text: str = _HEX
    key: str = _HEX


class Signed(Model):
    """A statement, exactly as it was signed, and the signature."""

    statement: str = Field(max_length=8_192)
    signature: str = Field(max_length=128)


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that is as it was signed.

    Attributes:
        statement: what was signed.
        trusted: by a key that the caller knows; None where none was named.
    """

    statement: Statement
    trusted: bool | None


def public_key(seed: bytes) -> str:
    """Return the public key of the secret ``seed`` (32 bytes), in hex."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()


def sign(statement: Statement, seed: bytes) -> Signed:
    """Sign ``statement`` with the secret ``seed`` (32 bytes)."""
    text = statement.model_dump_json()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    made = base64.b64encode(key.sign(CONTEXT + text.encode()))
    return Signed(statement=text, signature=made.decode())


def json_file(report: Report, signed: Signed) -> str:
    """Return the file for programs."""
    whole = {"report": report.model_dump(mode="json"), **signed.model_dump()}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def text_file(text: str, signed: Signed) -> str:
    """Return the file for people: the text, then what was signed."""
    return f"{text}{BEGIN}\n{signed.statement}\n{signed.signature}\n{END}\n"


def verify(data: bytes, keys: frozenset[str] | None = None) -> Verified:
    """Hold a file, of either kind, to its signature.

    Args:
        data: the file.
        keys: public keys, in hex, that are known to be gateways'; None where nobody knows.

    Raises:
        BadReportError: it is no signed report, or not as it was signed.
    """
    if len(data) > FILE_BYTES_MAX:
        raise BadReportError("the file is too large for a report")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadReportError("the file is no report: it is not UTF-8") from None
    if BEGIN in text:
        body, signed = _of_text(text)
        statement = _checked(signed)
        same = hashlib.sha256(body.encode()).hexdigest() == statement.text
    else:
        report, signed = _of_json(text)
        statement = _checked(signed)
        same = report.digest == statement.report and _agree(report, statement)
    if not same:
        raise BadReportError("the report was changed after it was signed")
    return Verified(statement, None if keys is None else statement.key in keys)


def _checked(signed: Signed) -> Statement:
    try:
        statement = Statement.model_validate_json(signed.statement)
        raw = base64.b64decode(signed.signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(statement.key))
        key.verify(raw, CONTEXT + signed.statement.encode())
    except ValidationError:
        raise BadReportError("what was signed is no statement of a gateway") from None
    except (InvalidSignature, binascii.Error, ValueError):
        raise BadReportError("the signature does not fit: statement or signature changed") from None
    return statement


def _agree(report: Report, statement: Statement) -> bool:
    said = (report.target.asset, report.kind, report.verdict)
    return said == (statement.asset, statement.kind, statement.verdict)


def _of_text(text: str) -> tuple[str, Signed]:
    body, _, rest = text.partition(f"{BEGIN}\n")
    lines = rest.split("\n")
    if len(lines) != 4 or lines[2:] != [END, ""]:
        raise BadReportError("the signature at the end of the text is not whole")
    return body, _signed(lines[0], lines[1])


def _of_json(text: str) -> tuple[Report, Signed]:
    try:
        whole = json.loads(text, object_pairs_hook=_no_double)
    except (ValueError, RecursionError):
        raise BadReportError("the file is neither a report's JSON nor its text") from None
    if not isinstance(whole, dict) or set(whole) != {"report", "statement", "signature"}:
        raise BadReportError("the file is JSON, but no signed report")
    try:
        report = Report.model_validate_json(json.dumps(whole["report"]))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadReportError(f"the report cannot be read ({where}: {first['msg']})") from None
    return report, _signed(whole["statement"], whole["signature"])


def _signed(statement: object, signature: object) -> Signed:
    try:
        return Signed.model_validate({"statement": statement, "signature": signature})
    except ValidationError:
        raise BadReportError("statement or signature is missing") from None


def _no_double(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key that stands twice")
    return found
