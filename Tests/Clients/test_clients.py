"""Generated clients in several languages do the same with the real program, and say what they see."""

import os
import subprocess

import pytest

from harness.contract import REPOSITORY
from workspace import blocks

# Swift's first build takes minutes: `make test/clients/swift`.
PROGRAMS = os.environ.get("CLIENTS", "cpp go grpclib java python ruby").split()
SECONDS_MAX = 60

# Between them: an invocation may be seen in other states first, and a log line is not in order with
# the output.
EXPECTED = """\
event order.placed revision 1 team shop
subscription stock to order.placed
accepted order.placed
output 0 2 tea from A1
output 14 1 cup from A2
invocation stock SUCCEEDED
summary SUCCEEDED 1
refused INVALID_ARGUMENT
reason FIELD_INVALID of dispatch.events
field event.event
late DEADLINE_EXCEEDED
cancelled CANCELLED
trigger CANCELLED
""".splitlines()
PASSING = {"invocation stock PENDING", "invocation stock RUNNING"}
LOG = "log order 7, attempt 1"


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_generated_client(program, start_gateway, start_program):
    gateway = start_gateway()
    client = start_program(
        program, gateway.address, "shop", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said, complaints = client.communicate(timeout=SECONDS_MAX)
    assert client.returncode == 0, said + complaints
    lines = [line for line in said.splitlines() if line not in PASSING]
    assert lines.count(LOG) == 1, said
    lines.remove(LOG)
    assert lines == EXPECTED, said + complaints


@pytest.mark.parametrize("file, shown", blocks("from"))
def test_what_the_pages_show_of_a_program_is_in_it(file, shown):
    assert shown in (REPOSITORY / file).read_text()


def test_the_packages_that_the_pages_install_are_those_that_the_tests_have():
    setup = (REPOSITORY / ".ci" / "setup.sh").read_text()
    lists = [REPOSITORY / "Tests" / folder / "requirements.txt" for folder in ("Clients", "EndToEnd")]
    pinned = {line.partition("==")[0] for path in lists for line in path.read_text().splitlines()}
    for name, script in blocks("install"):
        tool, _, *packages = script.replace("\\\n", " ").split()
        for package in packages:
            known = f"want {package} " in setup if tool == "apt-get" else package in pinned
            assert known, f"{package} of {name}"


def test_every_program_is_on_a_page():
    folders = {path.name for path in (REPOSITORY / "Tests" / "Clients").iterdir() if path.is_dir()}
    folders -= {name for name in folders if name.startswith((".", "__"))}
    programs = {name for name, _ in blocks("run") if not name.endswith("-worker")}
    assert programs == folders | {"swift"}
