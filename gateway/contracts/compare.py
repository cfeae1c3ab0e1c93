"""Does a change of the catalogue break anybody? Pure: two snapshots in, one line a break out.

What we send may say less than before, and more beside it, but nothing new where a reader knew all
that could come: a reader has a column of that width and a branch for each word. What we are sent
is the other way round: we must go on taking all that we took.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
Snapshot = Mapping[str, Any]

_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")


def breaks(before: Snapshot, now: Snapshot) -> list[str]:
    """Return what of ``now`` breaks somebody who relies on ``before``, one line each."""
    found = []
    for name, old in before["types"].items():
        new = now["types"].get(name)
        if new is None:
            found.append(f"{name}: removed; keep it beside its new version")
            continue
        found += [f"{name}: {line}" for line in _entry(old, new)]
    for name, old in before["envelopes"].items():
        new = now["envelopes"].get(name)
        if new is None:
            found.append(f"envelope {name}: removed")
        else:
            check = taken if name == "inbound" else told
            found += [f"envelope {name}: {line}" for line in check(old, new)]
    return found


def additions(before: Snapshot, now: Snapshot) -> list[str]:
    """Return the types that ``now`` has and ``before`` had not."""
    return [name for name in now["types"] if name not in before["types"]]


def _entry(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (
        ("direction", "is sent by somebody else"),
        ("envelope", "travels in another envelope"),
        ("address", "goes to another subject"),
        ("stream", "is kept by another stream"),
        ("dedup_window_s", "has another dedup window"),
    ):
        if old[key] != new[key]:
            yield f"{words}: {old[key]} -> {new[key]}"
    if new["retention_s"] < old["retention_s"]:
        yield f"is kept {new['retention_s']} s, and was {old['retention_s']} s"
    lost = sorted(set(old["readers"]) - set(new["readers"]))
    if lost:
        yield f"may no longer be read by {', '.join(lost)}"
    if old["direction"] == "out":
        yield from told(old["schema"], new["schema"])
    else:
        yield from taken(old["schema"], new["schema"])


def told(old: Schema, new: Schema) -> list[str]:
    """Return what a reader of ``old`` cannot read of what fits ``new``."""
    return list(_beyond(old, new, "", sent=True))


def taken(old: Schema, new: Schema) -> list[str]:
    """Return what fits ``old`` and is no longer taken by ``new``."""
    return list(_beyond(new, old, "", sent=False))


def _beyond(wide: Schema, narrow: Schema, path: str, *, sent: bool) -> Iterator[str]:
    """Say where something may fit ``narrow`` and not ``wide``.

    Of what we send, ``wide`` is the old schema; of what we are sent, the new one.
    """
    at = path or "data"
    if "anyOf" in wide or "anyOf" in narrow:
        yield from _branches(wide, narrow, at, sent=sent)
        return
    yield from _values(wide, narrow, at, sent=sent)
    yield from _bounds(wide, narrow, at, sent=sent)
    yield from _properties(wide, narrow, path, sent=sent)
    for key, step in (("items", "[]"), ("additionalProperties", ".*")):
        one, other = wide.get(key), narrow.get(key)
        if isinstance(one, dict):
            if isinstance(other, dict):
                yield from _beyond(one, other, f"{path}{step}", sent=sent)
            else:
                yield f"{at}{step} {_changed(sent, 'may now hold anything', 'is held to more')}"


def _branches(wide: Schema, narrow: Schema, at: str, *, sent: bool) -> Iterator[str]:
    for one in narrow.get("anyOf", [narrow]):
        if all(list(_beyond(other, one, at, sent=sent)) for other in wide.get("anyOf", [wide])):
            kind = one.get("type", "value")
            yield f"{at} {_changed(sent, 'may now also be', 'may no longer be')} a {kind}"


def _values(wide: Schema, narrow: Schema, at: str, *, sent: bool) -> Iterator[str]:
    one, other = _types(wide), _types(narrow)
    if one and (not other or any(kind not in one for kind in other)):
        was, is_now = (one, other) if sent else (other, one)
        yield f"{at} changed its type: {_words(was)} -> {_words(is_now)}"
        return
    known, possible = _words_of(wide), _words_of(narrow)
    if known is None:
        return
    if possible is None:
        yield f"{at} {_changed(sent, 'was a closed list of words and is not', 'is now a list')}"
        return
    more = [str(word) for word in possible if word not in known]
    if more:
        yield f"{at} {_changed(sent, 'may now say', 'may no longer say')} {', '.join(more)}"


def _bounds(wide: Schema, narrow: Schema, at: str, *, sent: bool) -> Iterator[str]:
    for keys, beyond in ((_UPPER, 1), (_LOWER, -1)):
        for key in keys:
            bound, other = wide.get(key), narrow.get(key)
            if bound is not None and (other is None or (other - bound) * beyond > 0):
                was, is_now = (bound, other) if sent else (other, bound)
                yield f"{at} {key} changed: {_or_none(was)} -> {_or_none(is_now)}"
    for key in ("pattern", "format"):
        if key in wide and wide[key] != narrow.get(key):
            was, is_now = (wide, narrow) if sent else (narrow, wide)
            yield f"{at} {key} changed: {_or_none(was.get(key))} -> {_or_none(is_now.get(key))}"


def _properties(wide: Schema, narrow: Schema, path: str, *, sent: bool) -> Iterator[str]:
    mine, theirs = wide.get("properties", {}), narrow.get("properties", {})
    must, will = set(wide.get("required", ())), set(narrow.get("required", ()))
    prefix = f"{path}." if path else ""
    for name, one in mine.items():
        if name in theirs:
            yield from _beyond(one, theirs[name], f"{prefix}{name}", sent=sent)
            if name in must - will:
                yield f"{prefix}{name} {_changed(sent, 'may now be absent', 'is now required')}"
        elif sent:
            yield f"{prefix}{name}: removed"
        elif name in must:
            yield f"{prefix}{name} is new and required"
    if not sent and wide.get("additionalProperties") is False:
        for name in theirs:
            if name not in mine:
                yield f"{prefix}{name} is no longer taken"


def _types(schema: Schema) -> tuple[str, ...]:
    kind = schema.get("type")
    if kind is None:
        words = _words_of(schema) or ()
        kind = sorted({"string" if isinstance(word, str) else "other" for word in words})
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    return (*kinds, "integer") if "number" in kinds else kinds


def _words_of(schema: Schema) -> list[object] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _changed(sent: bool, ours: str, theirs: str) -> str:
    return ours if sent else theirs


def _words(kinds: tuple[str, ...]) -> str:
    return " or ".join(dict.fromkeys(kinds)) or "anything"


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)
