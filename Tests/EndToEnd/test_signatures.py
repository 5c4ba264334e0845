"""Requests that are signed by Standard Webhooks 1.0, and what becomes of the secrets."""

import base64
import hashlib
import hmac
import os
import stat
import subprocess
import time

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import binary
from harness.refusal import refused

TOLERANCE_SECONDS = 300


def secret(byte, size=24):
    return "whsec_" + base64.b64encode(bytes([byte]) * size).decode()


OLD, NEW, FOREIGN = secret(1), secret(2, 64), secret(3)


def secret_id(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def verify(request, key):
    """As the specification tells receivers to. Raises ValueError if the request is not genuine."""
    identifier = request.headers["webhook-id"]
    timestamp = request.headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise ValueError("too old or too new")
    signed = f"{identifier}.{timestamp}.".encode() + request.body
    digest = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256)
    expected = base64.b64encode(digest).decode()
    for signature in request.headers["webhook-signature"].split(" "):
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(value, expected):
            return
    raise ValueError("no signature of this secret")


def signing(*secrets):
    return pb.HttpTarget.Signing(secrets=secrets)


@pytest.fixture
def signed(client, functions):
    """Creates the function `f`, whose requests are signed; it answers as `reply` says."""
    client.define("order.created")

    def signed(*secrets, reply=Reply(), max_attempts=1, **fields):
        created = client.http_function(
            "f", functions.function("/f", reply), signing=signing(*secrets), **fields)
        client.subscribe(
            "order.created", "f", "s", max_attempts=max_attempts, initial_backoff=0.01)
        return created

    return signed


# Signatures


@pytest.mark.parametrize("payload", [b"", b"{}", bytes(range(256)) * 500])
def test_a_request_can_be_verified(signed, client, functions, payload):
    signed(OLD)

    outcome = client.run("order.created", payload).outcome("s")

    request = functions.received("/f")[0]
    assert request.headers["webhook-id"] == outcome.invocation_id
    assert request.body == payload
    verify(request, OLD)
    with pytest.raises(ValueError):
        verify(request, FOREIGN)


def test_a_request_in_structured_mode_can_be_verified(signed, client, functions):
    signed(OLD, content_mode=pb.HttpTarget.CONTENT_MODE_STRUCTURED)

    client.run("order.created", b'{"a": 1}')

    request = functions.received("/f")[0]
    assert request.body.startswith(b'{"specversion"')
    verify(request, OLD)


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp"])
def test_a_request_that_was_changed_can_not(signed, client, functions, change):
    signed(OLD)
    client.run("order.created", b"{}")
    request = functions.received("/f")[0]

    if change == "body":
        request.body += b" "
    else:
        request.headers[change] = str(int(time.time()) - 1)

    with pytest.raises(ValueError):
        verify(request, OLD)


def test_each_attempt_has_the_same_id_and_a_signature_of_its_own(signed, client, functions):
    signed(OLD, max_attempts=3, reply=Reply(503, headers={"retry-after": "1"}))

    client.run("order.created", b"{}")

    requests = functions.received("/f")
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in requests}) == 3
    assert len({request.headers["webhook-signature"] for request in requests}) == 3
    for request in requests:
        verify(request, OLD)


def test_invocations_of_one_trigger_have_ids_of_their_own(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"), signing=signing(OLD))
    for name in ("s", "t"):
        client.subscribe("order.created", "f", name)

    client.run("order.created", b"{}")

    requests = functions.received("/f")
    assert len({request.headers["webhook-id"] for request in requests}) == 2
    assert len({request.attribute("id") for request in requests}) == 1


def test_a_function_without_secrets_is_not_signed(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"), headers={"webhook-id": "mine"})
    client.subscribe("order.created", "f", "s")

    client.run("order.created", b"{}")

    headers = functions.received("/f")[0].headers
    assert headers["webhook-id"] == "mine"
    assert "webhook-signature" not in headers


def test_a_secret_is_replaced_without_a_request_that_can_not_be_verified(
    signed, client, functions
):
    created = signed(OLD)
    url = created.http.url

    def received_after(*secrets):
        if secrets:
            target = pb.HttpTarget(url=url, signing=signing(*secrets))
            client.update_function(pb.Function(function_id="f", http=target), mask=["http"])
        client.run("order.created", b"{}")
        return functions.received("/f")[-1]

    verify(received_after(), OLD)
    both = received_after(OLD, NEW)
    verify(both, OLD)
    verify(both, NEW)
    last = received_after(NEW)
    verify(last, NEW)
    with pytest.raises(ValueError):
        verify(last, OLD)


# Secrets


def texts_of(*messages):
    return "".join(str(message) + message.SerializeToString().decode("latin-1")
                   for message in messages)


def test_secrets_are_never_shown_again(signed, client):
    created = signed(OLD, NEW)
    repeated = client.update_function(
        pb.Function(function_id="f", metadata={"a": "b"}), mask=["metadata"])
    replaced = client.update_function(
        pb.Function(function_id="f", http=created.http), mask=["http"])
    listed = client.functions.ListFunctions(pb.ListFunctionsRequest())
    checked = client.functions.CreateFunction(pb.CreateFunctionRequest(
        function=pb.Function(function_id="g", http=pb.HttpTarget(
            url=created.http.url, signing=signing(OLD))), validate_only=True))
    answers = [created, repeated, replaced, client.get_function("f"), listed, checked]

    assert "whsec_" not in texts_of(*answers)
    assert OLD.removeprefix("whsec_") not in texts_of(*answers)
    for function in [created, repeated, replaced, client.get_function("f"), listed.functions[0]]:
        assert function.http.signing.secret_ids == [secret_id(OLD), secret_id(NEW)]


def test_a_create_that_is_repeated_does_not_show_them(client):
    function = pb.Function(
        function_id="f", http=pb.HttpTarget(url="http://mail.test", signing=signing(OLD)))
    request = pb.CreateFunctionRequest(function=function, request_id="r-1")

    first, second = (client.functions.CreateFunction(request) for _ in range(2))

    assert first == second
    assert "whsec_" not in texts_of(second)
    function.http.signing.secrets[0] = NEW
    with refused("ALREADY_EXISTS", "REQUEST_ID_CONFLICT") as refusals:
        client.functions.CreateFunction(
            pb.CreateFunctionRequest(function=function, request_id="r-1"))
    assert "whsec_" not in str(refusals[0])


def test_an_update_without_secrets_keeps_those_there_are(signed, client, functions):
    signed(OLD)
    target = client.get_function("f").http
    target.response_timeout.FromSeconds(5)

    changed = client.update_function(pb.Function(function_id="f", http=target), mask=["http"])

    assert changed.http.signing.secret_ids == [secret_id(OLD)]
    client.run("order.created", b"{}")
    verify(functions.received("/f")[0], OLD)


def test_an_update_without_a_mask_keeps_them_too(signed, client, functions):
    created = signed(OLD)
    target = pb.HttpTarget(url=created.http.url, signing=pb.HttpTarget.Signing())

    client.update_function(pb.Function(function_id="f", http=target))

    client.run("order.created", b"{}")
    verify(functions.received("/f")[0], OLD)


def test_an_update_without_signing_loses_them(signed, client, functions):
    created = signed(OLD)

    changed = client.update_function(
        pb.Function(function_id="f", http=pb.HttpTarget(url=created.http.url)), mask=["http"])

    assert not changed.http.HasField("signing")
    client.run("order.created", b"{}")
    assert "webhook-signature" not in functions.received("/f")[0].headers
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.http.signing.secrets"):
        client.update_function(pb.Function(
            function_id="f", http=pb.HttpTarget(url=created.http.url, signing=signing())))


def test_ids_that_a_client_sends_are_ignored(client):
    target = pb.HttpTarget(url="http://mail.test", signing=pb.HttpTarget.Signing(
        secrets=[OLD], secret_ids=["00000000"]))

    created = client.functions.CreateFunction(
        pb.CreateFunctionRequest(function=pb.Function(function_id="f", http=target)))

    assert created.http.signing.secret_ids == [secret_id(OLD)]


@pytest.mark.parametrize("wrong", [
    "", "whsec_", OLD.removeprefix("whsec_"), secret(1, 23), secret(1, 65), "whsec_" + "!" * 32,
    secret(1, 25).rstrip("="), OLD + "\n", OLD.upper(),
])
def test_an_ill_formed_secret_is_refused_and_not_repeated(client, gateway, wrong):
    field = "function.http.signing.secrets[0]"
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field) as refusals:
        client.http_function("f", "http://mail.test", signing=signing(wrong))

    material = wrong.removeprefix("whsec_").strip()
    assert not material or material not in str(refusals[0])


@pytest.mark.parametrize("count", [0, 3])
def test_a_number_of_secrets_that_makes_no_sense_is_refused(client, count):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.http.signing.secrets"):
        client.http_function("f", "http://mail.test", signing=signing(*[OLD] * count))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_of_the_signature_is_not_the_users_to_set(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"function.http.headers[{name}]"):
        client.http_function(
            "f", "http://mail.test", headers={name: "x"}, signing=signing(OLD))


def test_secrets_outlive_the_gateway_and_are_in_none_of_its_words(
    start_gateway, connect, functions, tmp_path
):
    gateway = start_gateway(options=["--log-level", "trace"])
    client = connect(gateway)
    client.define("order.created")
    client.http_function(
        "f", functions.function("/f", Reply(500)), signing=signing(OLD))
    client.subscribe("order.created", "f", "s", max_attempts=2, initial_backoff=0.01)
    client.run("order.created", b"{}")
    gateway.kill()
    gateway.start()
    client = connect(gateway)

    error = client.run("order.created", b"{}").outcome("s").error

    for request in functions.received("/f"):
        verify(request, OLD)
    for text in (gateway.log_text(), str(error), str(client.invocations())):
        assert OLD.removeprefix("whsec_") not in text
    for path in (tmp_path / "data").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


# The command line


@pytest.fixture
def command(gateway, organization):
    """Runs a `function` command; returns its exit code and all that it wrote."""
    def command(*arguments, environment=None):
        done = subprocess.run(
            [binary(), "function", *arguments, "--gateway", gateway.address, "--org",
             organization], capture_output=True, timeout=60,
            env={**os.environ, **(environment or {})})
        return done.returncode, (done.stdout + done.stderr).decode()
    return command


def test_a_secret_comes_from_the_environment_or_a_file(command, client, tmp_path):
    file = tmp_path / "secret"
    file.write_text(NEW + "\n")

    code, text = command(
        "create", "f", "--url", "https://mail.test", "--signing-secret", "env:OLD_SECRET",
        "--signing-secret", f"@{file}", "-o", "json", environment={"OLD_SECRET": OLD})

    assert code == 0, text
    assert "whsec_" not in text
    assert secret_id(OLD) in text
    signing = client.get_function("f").http.signing
    assert signing.secret_ids == [secret_id(OLD), secret_id(NEW)]


def test_a_secret_is_kept_by_an_update_that_says_so(command, client):
    client.http_function("f", "https://mail.test", signing=signing(OLD))

    code, text = command(
        "update", "f", "--url", "https://post.test", "--signing-secret", "keep")

    assert code == 0, text
    target = client.get_function("f").http
    assert (target.url, target.signing.secret_ids) == ("https://post.test", [secret_id(OLD)])


@pytest.mark.parametrize("where, problem", [
    (OLD, "--signing-secret"), ("env:NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE"),
    ("@/no/such/file", "/no/such/file"),
])
def test_a_secret_that_is_not_there_is_a_clear_error(command, where, problem):
    code, text = command("create", "f", "--url", "https://mail.test", "--signing-secret", where)

    assert code != 0
    assert problem in text
