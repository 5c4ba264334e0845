"""The programs of docs/clients.md and docs/workers.md, built and run by the commands that they show.

Above each block stands what it is: `<!-- build: NAME -->` and `<!-- run: NAME -->` are commands,
`<!-- install: NAME -->` are packages, and `<!-- from: FILE -->` shows a part of that file. NAME is a
language, or `LANGUAGE-worker`. What was built stays in .build/clients until something of it changes.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.contract import REPOSITORY

PAGES = [REPOSITORY / "docs" / name for name in ("clients.md", "workers.md")]
BLOCK = re.compile(
    r"^<!-- (install|build|run|from): (\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "127.0.0.1:7070 default"
# Swift's client is a part of the package that compiles grpc-swift-2 for Tests/Interop too.
SWIFT = REPOSITORY / "Tests" / "Interop" / "grpc-swift-calls"
BUILD_SECONDS_MAX = 3_000
# Builds at once; the costly ones use all processors themselves.
BUILDS_MAX = 2


def blocks(kind):
    """The pages' blocks of that kind, in their order: pairs of a name and a text."""
    found = [match for page in PAGES for match in BLOCK.findall(page.read_text())]
    return [(name, text) for found_kind, name, text in found if found_kind == kind]


class Workspaces:
    """A folder for each language, which is made to look like the repository."""

    def __init__(self, names):
        self._environment = {
            **os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._runs = dict(blocks("run"))
        languages = {name.partition("-")[0] for name in names}
        with ThreadPoolExecutor(BUILDS_MAX) as pool:
            for error in pool.map(self._build_all, sorted(languages)):
                assert error is None, error

    def start(self, name, address, organization, *more, **options):
        """The program as the page runs it, with another address and organization, and `more`."""
        command = self._runs[name]
        assert ADDRESS in command, f"{name} does not run on {ADDRESS}"
        command = command.replace(ADDRESS, " ".join([address, organization, *more]))
        return subprocess.Popen(
            ["bash", "-c", f"exec env {command}"], cwd=self._folder(name), env=self._environment,
            **options)

    def _folder(self, name):
        return REPOSITORY / ".build" / "clients" / name.partition("-")[0]

    def _build_all(self, language):
        """What went wrong, or None."""
        folder = self._folder(language)
        folder.mkdir(parents=True, exist_ok=True)
        # Another run of the tests waits here, then finds all of it built.
        with open(folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for entry in ("Examples", "proto", "Tests"):
                if not (folder / entry).is_symlink():
                    (folder / entry).symlink_to(REPOSITORY / entry)
            scripts = dict(blocks("build"))
            for name in (language, f"{language}-worker"):
                error = name in scripts and self._build(name, scripts, folder)
                if error:
                    return error

    def _build(self, name, scripts, folder):
        stamp, wanted = folder / f"{name}.stamp", _checksum(name, scripts)
        if stamp.exists() and stamp.read_text() == wanted:
            return None
        # A build that ends half way leaves no stamp, and code of an older contract is in no program.
        stamp.unlink(missing_ok=True)
        if "-" not in name:
            shutil.rmtree(folder / "client", ignore_errors=True)
        built = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", scripts[name]], cwd=folder, env=self._environment,
            timeout=BUILD_SECONDS_MAX, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        if built.returncode:
            return f"{name} does not build as its page says:\n{built.stdout[-4000:]}"
        stamp.write_text(wanted)
        return None


def _checksum(name, scripts):
    """Of all that the program is made from; a worker from what its language's client generated too."""
    language, _, is_worker = name.partition("-")
    folder = REPOSITORY / ("Examples/worker" if is_worker else "Tests/Clients") / language
    swift = [SWIFT / "Package.swift", SWIFT / "client" / "Client.swift"]
    paths = swift if language == "swift" else [*folder.rglob("*")]
    paths += (REPOSITORY / "proto").rglob("*.proto")
    checksum = hashlib.sha256(scripts[name].encode())
    if is_worker:
        checksum.update(_checksum(language, scripts).encode())
    for path in sorted(path for path in paths if path.is_file()):
        checksum.update(str(path).encode() + path.read_bytes())
    return checksum.hexdigest()
