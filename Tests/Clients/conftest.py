import pytest

from harness.client import Client
from harness.contract import REPOSITORY
from harness.gateway import Gateway
from workspace import Workspaces


@pytest.fixture(scope="session")
def workspaces(request):
    """Has all programs that the chosen tests run, built before the first of them does."""
    chosen = (getattr(item, "callspec", None) for item in request.session.items)
    programs = {call.params.get("program") for call in chosen if call}
    return Workspaces(programs - {None})


@pytest.fixture
def start_gateway(tmp_path):
    gateways = []

    def start(*options):
        gateways.append(Gateway(
            tmp_path / "data", functions=[REPOSITORY / "Examples" / "functions"], options=options))
        return gateways[-1].start()

    yield start
    for gateway in gateways:
        gateway.close()


@pytest.fixture
def connect():
    clients = []

    def make(gateway, organization=None):
        clients.append(Client(gateway.address, organization))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def start_program(workspaces):
    """Starts programs that are ended with the test."""
    processes = []

    def start(*arguments, **options):
        processes.append(workspaces.start(*arguments, **options))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()
