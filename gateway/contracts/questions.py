"""What may be asked of the floor as it is now, for the AsyncAPI document: request and reply."""

from __future__ import annotations

from typing import Any, Final

_MACHINES: Final = {
    "type": "object",
    "properties": {
        "notice": {"const": "observed, not official"},
        "asked": {"type": "string"},
        "machines": {"type": "array", "items": {"type": "object", "required": ["asset"]}},
        "complete": {"type": "boolean", "description": "False: there are more than 500."},
    },
    "required": ["notice", "asked", "machines", "complete"],
}
_PING: Final = {
    "type": "object",
    "properties": {
        "site": {"type": "string"},
        "machines": {"type": "integer", "description": "How many are known."},
        "ready": {"type": "boolean", "description": "False: still reading what there is."},
        "notice": {"const": "observed, not official"},
    },
    "required": ["site", "machines", "ready", "notice"],
}

# question: (what it is about, an example in words, schema of the answer)
QUESTIONS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "state": ("The last known state of machines.", "state of 14-07", _MACHINES),
    "meters": ("The last reading of each meter of machines.", "meters of bank 7", _MACHINES),
    "ping": ("Is somebody there, and does he know everything yet?", "ping", _PING),
}


def question_parts() -> dict[str, dict[str, Any]]:
    """Return the channels and operations of the questions, by the name of the part."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for name, (summary, example, answer) in QUESTIONS.items():
        key, reply = f"ask_{name}", f"ask_{name}_reply"
        channels[key] = {
            "address": f"ask.v1.{{site}}.{name}",
            "summary": summary,
            "description": "A NATS request; no stream keeps it. A question that cannot be answered "
            "gets the header Nats-Service-Error in words.",
            "parameters": {"site": {"description": "Token of the casino."}},
            "messages": {
                "question": {
                    "contentType": "text/plain",
                    "payload": {"type": "string", "maxLength": 1024},
                    "examples": [{"name": "example", "payload": example}],
                }
            },
        }
        channels[reply] = {
            "address": None,
            "messages": {"answer": {"contentType": "application/json", "payload": answer}},
        }
        operations[key] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{key}"},
            "summary": summary,
            "messages": [{"$ref": f"#/channels/{key}/messages/question"}],
            "reply": {
                "channel": {"$ref": f"#/channels/{reply}"},
                "messages": [{"$ref": f"#/channels/{reply}/messages/answer"}],
            },
        }
    return {"channels": channels, "operations": operations}
