"""What pages of documentation tell people to type, and what they say comes of it.

A block counts if `<!-- tested -->` stands above it; one with `<!-- tested: FILE -->` is saved as that
file. The others are one shell script, as in one terminal. Each line of a block below `<!-- said -->`
is a line of what that script says, up to an ellipsis.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from harness.contract import REPOSITORY
from harness.gateway import binary

ADDRESS = "127.0.0.1:7070"
BLOCK = re.compile(r"^<!-- tested(?:: (\S+))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^<!-- said -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Page:
    def __init__(self, name):
        self.text = (REPOSITORY / name).read_text()

    def run(self, gateway, folder):
        """Runs the tested blocks in `folder`, which is made to look like the repository."""
        folder.mkdir()
        for entry in ("Examples", "proto"):
            (folder / entry).symlink_to(REPOSITORY / entry)
        path = [str(Path(binary()).parent), str(Path(sys.executable).parent), os.environ["PATH"]]
        script = self._save_files(folder).replace(ADDRESS, gateway.address)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=folder, timeout=120,
            env={**os.environ, "PATH": ":".join(path), "EVENT_GATEWAY": gateway.address},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _save_files(self, folder):
        """Saves the blocks that are files and returns the others as one script."""
        commands = []
        for name, block in BLOCK.findall(self.text):
            if name:
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(block)
            else:
                commands.append(block)
        return "\n".join(commands)

    def expect_shown(self, said, at_least=6):
        """What the page shows, so many lines, is what its script says."""
        shown = [line for block in SAID.findall(self.text) for line in block.splitlines()]
        assert len(shown) >= at_least
        for line in shown:
            start, cut, _ = line.partition("…")
            assert any(s.startswith(start) if cut else s == line for s in said.splitlines()), line
