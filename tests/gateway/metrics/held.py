"""What is served is held to the table: each family's name, type, help and labels."""

import re
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from gateway.metrics.families import PREFIX

OF_SAMPLES = {"le"}  # labels that a histogram's samples have on top
NAME = re.compile(r"[a-z][a-z0-9_]*[a-z0-9]")


def served(port):
    """Return the page of metrics at ``port``, as text."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        return answer.read().decode()


def differences(text, rows, *, may_lack=()):
    """Return how a page differs from the rows of its table, one line each."""
    found = {family.name: family for family in text_string_to_metric_families(text)}
    wanted = {PREFIX + row.name: row for row in rows}
    lines = [f"{name} is served and stands in no table" for name in found.keys() - wanted.keys()]
    lines += [
        f"{name} is not served"
        for name in wanted.keys() - found.keys()
        if wanted[name].name not in may_lack
    ]
    for name in wanted.keys() & found.keys():
        row, family = wanted[name], found[name]
        if (family.type, family.documentation) != (row.kind, row.help):
            lines.append(f"{name}: {family.type} {family.documentation!r}")
        if NAME.fullmatch(family.name) is None:
            lines.append(f"{name}: no name for a metric")
        lines += {
            f"{name}: {complaint}"
            for sample in family.samples
            for complaint in of_sample(sample, row)
        }
    return sorted(lines)


def of_sample(sample, row):
    """Say what is wrong with the labels of one sample."""
    labels = {name: value for name, value in sample.labels.items() if name not in OF_SAMPLES}
    if labels.keys() != row.labels.keys():
        yield f"labels {sorted(labels)}"
        return
    for name, value in labels.items():
        allowed = row.labels[name]
        if not isinstance(allowed, str) and value not in allowed:
            yield f"{name} is {value!r}"
        if not value:
            yield f"{name} is empty"


def samples(text):
    """Return a function from a sample's name and labels to its value."""
    found = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return lambda name, **labels: found[PREFIX + name, frozenset(labels.items())]
