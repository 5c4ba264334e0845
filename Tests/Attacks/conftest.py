"""The gateway under attack, and what attacks need of it."""

import ssl

import pytest

from bystander import Bystander
from offender import Target
from harness.certificates import Authority
from harness.gateway import Gateway


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"), "authority")


@pytest.fixture
def targets(gateway, authority):
    """Its address with TLS, and its address without."""
    secure, plain = ((host, int(port)) for host, _, port in (
        each.rpartition(":") for each in gateway.addresses[:2]))
    context = ssl.create_default_context(cafile=authority.file)
    context.check_hostname = False
    context.set_alpn_protocols(["h2"])
    return {
        "plaintext": Target(plain), "TLS": Target(secure, context, authority.credentials())}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, authority):
    """One for all attacks of a file: it must survive each of them."""
    gateway = Gateway(tmp_path_factory.mktemp("attacked"), options=[
        *authority.issue("server").options(), "--listen-plaintext", "127.0.0.1:0"])
    yield gateway.start()
    assert gateway.is_running(), gateway.log_text()[-2000:]
    gateway.close()


@pytest.fixture
def watched(gateway):
    """A bystander at a target: `with watched(target) as bystander`."""
    return lambda target: Bystander(
        gateway, address=target.authority, credentials=target.credentials)


@pytest.fixture
def attacked(tmp_path):
    """Starts a gateway with options of the attack's own."""
    started = []

    def start(*options, listen=("127.0.0.1:0",)):
        started.append(Gateway(tmp_path / "data", listen=listen, options=options))
        return started[-1].start()

    yield start
    for gateway in started:
        assert gateway.is_running(), gateway.log_text()[-2000:]
        gateway.close()
