"""Fixtures: a gateway that most tests share, and what it takes to start others.

Each test has an organization of its own, so tests do not see each other's definitions.
"""

import itertools
import uuid

import pytest

from harness import measurements
from harness.client import Client
from harness.function_server import FunctionServer
from harness.gateway import FUNCTIONS, Gateway

_organizations = (f"org-{number}-{uuid.uuid4().hex[:6]}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def shared_gateway(tmp_path_factory):
    gateway = Gateway(
        tmp_path_factory.mktemp("shared"), environment={"GATEWAY_SECRET": "not for functions"})
    yield gateway.start()
    gateway.close()


@pytest.fixture
def gateway(shared_gateway):
    """The shared gateway. A test that makes it end has found a bug, and the next gets a new one."""
    if not shared_gateway.is_running():
        shared_gateway.start()
    yield shared_gateway
    assert shared_gateway.is_running(), f"the gateway ended:\n{shared_gateway.log_text()[-4000:]}"


@pytest.fixture
def organization():
    return next(_organizations)


@pytest.fixture
def client(gateway, organization):
    client = Client(gateway.address, organization)
    yield client
    client.close()


@pytest.fixture
def start_gateway(tmp_path):
    """Starts gateways of the test's own; options as `Gateway` takes them."""
    started = []

    def start(data=None, **options):
        gateway = Gateway(data or tmp_path / "data", **options)
        started.append(gateway)
        return gateway.start()

    yield start
    for gateway in started:
        gateway.close()


@pytest.fixture
def connect():
    """Makes clients that are closed at the end."""
    clients = []

    def make(gateway, organization=None, *, address=None, credentials=None):
        clients.append(Client(address or gateway.address, organization, credentials))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def functions():
    """A fresh HTTP function server."""
    server = FunctionServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def scripts():
    """The folder of process functions that gateways may run."""
    return FUNCTIONS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for gateway in list(Gateway.running):
            log = gateway.log_text()[-4000:]
            report.sections.append((f"log of the gateway at {gateway.address}", log))
    return report


def pytest_terminal_summary(terminalreporter):
    if measurements.all_notes():
        terminalreporter.section("measured")
        for text in measurements.all_notes():
            terminalreporter.line(text)
