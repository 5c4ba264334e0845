"""What the README tells people to type works, in the order in which they would type it."""

import re
import subprocess

import pytest

from harness.contract import REPOSITORY
from harness.gateway import binary
from harness.page import BLOCK, Page

README = Page("README.md")


@pytest.fixture
def tour(start_gateway, tmp_path):
    gateway = start_gateway(functions=[REPOSITORY / "Examples" / "functions"])
    return lambda: README.run(gateway, tmp_path / "repository")


def test_the_tour_of_the_readme_works_as_written(tour):
    outcome = tour()
    said = outcome.stdout
    assert outcome.returncode == 0, said
    for method in ("EventService/CreateEvent", "TriggerService/TriggerEvent"):
        assert f"dispatch.events.v1.{method}" in said
    assert "  output: 3 tea from A1" in said, "the client's first order"
    assert "2 succeeded, 0 failed" in said, "the client's first order"
    assert "  log: no umbrella left" in said, "the client's second order"
    assert "1 succeeded, 1 failed" in said, "the client's second order"
    assert "refused: INVALID_ARGUMENT" in said
    assert "  reason: FIELD_INVALID of dispatch.events" in said
    assert "  field event: " in said
    README.expect_shown(said)


def test_the_readme_still_has_its_tested_blocks():
    names = [name for name, _ in BLOCK.findall(README.text)]
    assert names.count("client/client.py") == 1
    assert len(names) >= 6


def test_the_readme_has_each_option_of_serve_and_no_other():
    usage = subprocess.run(
        [binary(), "serve", "--help"], capture_output=True, text=True, timeout=30).stdout
    table = README.text.partition("## Configuration")[2].partition("\n\nThe client")[0]
    options = set(re.findall(r"^  (--[a-z-]+)", usage, re.MULTILINE))
    assert options
    assert set(re.findall(r"^\| `(--[a-z-]+)", table, re.MULTILINE)) == options
