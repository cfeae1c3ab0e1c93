"""A large site file is known by its head at once, and whole when somebody asks."""

from pathlib import Path

import pytest

from edge_config.loader import load_toml
from edge_config.problems import ConfigError
from edge_config.site import Site
from edge_config.site_file import LARGE_BYTES, SiteFile

SMALLEST = (Path(__file__).parents[1] / "smallest_site.toml").read_text()


def written(folder, text):
    path = folder / "site.toml"
    path.write_text(text)
    return str(path)


def large(extra=""):
    row = '[[egms]]\nasset = "{0}"\nline = "L2"\naddress = {1}\nlocation = "01-{0}"\n'
    lines = '[[lines]]\nname = "L{0}"\nport = "port{0}"\n'
    egms = [row.format(1000 + n, n % 32 + 1).replace('"L2"', f'"L{n // 32 + 2}"')
            for n in range(1200)]  # fmt: skip
    ports = [lines.format(n + 2) for n in range(1200 // 32 + 1)]
    text = "\n".join([SMALLEST, *ports, *egms, extra])
    assert len(text) > LARGE_BYTES
    return text


def test_the_head_of_a_large_file_is_the_site_without_its_machines(tmp_path):
    # a table that stands behind the lists belongs to the head too, and nested lists are no header
    cameras = 'cameras = [\n  "C1",\n]\n[metrics]\nlisten = "127.0.0.1:9000"\n'
    path = written(tmp_path, large(cameras))
    file = SiteFile(path)
    whole = load_toml(path, Site)
    assert file.head == whole.model_copy(update={"lines": (), "egms": ()})
    assert file.head.metrics.listen == "127.0.0.1:9000"
    assert file.whole() == whole
    assert file.whole() is file.whole()


def test_a_small_file_is_read_at_once(tmp_path):
    file = SiteFile(written(tmp_path, SMALLEST))
    assert len(file.head.egms) == 1
    assert file.whole() is file.head


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('currency = "USD"', 'currency = "usd"'),
        lambda text: text.replace("[gateway]", "[gatway]"),
        lambda text: text.replace('id = "t"', 'id = "t'),
        lambda text: text.replace('id = "t"\n', ""),
    ],
)
def test_a_wrong_head_of_a_large_file_is_told_at_once_and_whole(tmp_path, spoil):
    path = written(tmp_path, spoil(large()))
    with pytest.raises(ConfigError) as found:
        SiteFile(path)
    with pytest.raises(ConfigError) as whole:
        load_toml(path, Site)
    assert str(found.value) == str(whole.value)


def test_a_wrong_machine_of_a_large_file_is_told_by_the_whole(tmp_path):
    path = written(tmp_path, large().replace("address = 7\n", "address = 128\n"))
    file = SiteFile(path)
    assert file.head.site.id == "t"
    with pytest.raises(ConfigError, match="128"):
        file.whole()


def test_a_text_of_many_lines_is_not_taken_apart(tmp_path):
    words = 'name = """T\n[gateway]\nid = "other"\n"""'
    file = SiteFile(written(tmp_path, large().replace('name = "T"', words)))
    assert file.head is file.whole()
    assert file.head.gateway.id == "g"


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        SiteFile(str(tmp_path / "nothing.toml"))
