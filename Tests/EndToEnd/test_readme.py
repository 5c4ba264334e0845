"""What the README tells people to type works, in the order in which they would type it.

A block counts if `<!-- tested -->` stands above it; one with `<!-- tested: FILE -->` is saved as that
file. The others are one shell script, as in one terminal. Each line of a block below `<!-- said -->`
is a line of what that script says, up to an ellipsis.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.contract import REPOSITORY
from harness.gateway import binary

README = (REPOSITORY / "README.md").read_text()
ADDRESS = "127.0.0.1:7070"
BLOCK = re.compile(r"^<!-- tested(?:: (\S+))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SAID = re.compile(r"^<!-- said -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def tour(start_gateway, tmp_path):
    """Runs the README's tested blocks in a folder that looks like the repository."""
    gateway = start_gateway(functions=[REPOSITORY / "Examples" / "functions"])
    folder = tmp_path / "repository"
    folder.mkdir()
    for entry in ("Examples", "proto"):
        (folder / entry).symlink_to(REPOSITORY / entry)
    path = [str(Path(binary()).parent), str(Path(sys.executable).parent), os.environ["PATH"]]

    def run():
        script = save_files(folder).replace(ADDRESS, gateway.address)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=folder, timeout=120,
            env={**os.environ, "PATH": ":".join(path), "EVENT_GATEWAY": gateway.address},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    return run


def save_files(folder):
    """Saves the blocks that are files and returns the others as one script."""
    commands = []
    for name, block in BLOCK.findall(README):
        if name:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(block)
        else:
            commands.append(block)
    return "\n".join(commands)


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
    expect_shown(said)


def expect_shown(said):
    """What the README shows of the tour is what it says."""
    shown = [line for block in SAID.findall(README) for line in block.splitlines()]
    assert len(shown) >= 6
    for line in shown:
        start, cut, _ = line.partition("…")
        assert any(s.startswith(start) if cut else s == line for s in said.splitlines()), line


def test_the_readme_still_has_its_tested_blocks():
    names = [name for name, _ in BLOCK.findall(README)]
    assert names.count("client/client.py") == 1
    assert len(names) >= 6


def test_the_readme_has_each_option_of_serve_and_no_other():
    usage = subprocess.run(
        [binary(), "serve", "--help"], capture_output=True, text=True, timeout=30).stdout
    table = README.partition("## Configuration")[2].partition("\n\nThe client")[0]
    options = set(re.findall(r"^  (--[a-z-]+)", usage, re.MULTILINE))
    assert options
    assert set(re.findall(r"^\| `(--[a-z-]+)", table, re.MULTILINE)) == options
