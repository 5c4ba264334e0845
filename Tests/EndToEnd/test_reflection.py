"""What client tools ask a server about itself: reflection v1 and v1alpha."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_tools import protoc

from harness.contract import PROTO, WELL_KNOWN

SERVICES = {
    "dispatch.events.v1.EventService",
    "dispatch.events.v1.SubscriptionService",
    "dispatch.events.v1.FunctionService",
    "dispatch.events.v1.TriggerService",
    "dispatch.events.v1.WorkerService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}
Request = reflection_pb2.ServerReflectionRequest


@pytest.fixture(params=["grpc.reflection.v1", "grpc.reflection.v1alpha"])
def ask(request, client):
    """Asks questions over one stream and gives the answers; both versions look alike."""
    stream = client.channel.stream_stream(
        f"/{request.param}.ServerReflection/ServerReflectionInfo",
        request_serializer=Request.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString)
    return lambda *questions: list(stream(iter(questions), timeout=20))


def files_of(answer):
    return [descriptor_pb2.FileDescriptorProto.FromString(data)
            for data in answer.file_descriptor_response.file_descriptor_proto]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The files of proto/ by name, as protoc compiles them."""
    output = tmp_path_factory.mktemp("descriptors") / "set.pb"
    sources = sorted(str(path) for path in PROTO.rglob("*.proto"))
    assert protoc.main([
        "protoc", f"-I{PROTO}", f"-I{WELL_KNOWN}", "--include_imports",
        f"--descriptor_set_out={output}", *sources]) == 0
    files = descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes()).file
    return {file.name: file for file in files}


def test_every_service_is_listed(ask):
    answer = ask(Request(list_services=""))[0]

    assert {service.name for service in answer.list_services_response.service} == SERVICES


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_the_files_of_every_service_resolve(ask, service):
    known, wanted = {}, [Request(file_containing_symbol=service)]
    while wanted:
        for answer in ask(*wanted):
            assert answer.HasField("file_descriptor_response"), answer
            known.update({file.name: file for file in files_of(answer)})
        missing = {name for file in known.values() for name in file.dependency} - set(known)
        wanted = [Request(file_by_filename=name) for name in sorted(missing)]

    pool = descriptor_pool.DescriptorPool()
    added = set()

    def add(name):
        if name not in added:
            added.add(name)
            for dependency in known[name].dependency:
                add(dependency)
            pool.Add(known[name])

    for name in known:
        add(name)
    for method in pool.FindServiceByName(service).methods:
        GetMessageClass(method.input_type)
        GetMessageClass(method.output_type)


def test_the_files_are_those_of_the_contract(ask, compiled):
    for name, expected in compiled.items():
        answer = ask(Request(file_by_filename=name))[0]
        served = next(file for file in files_of(answer) if file.name == name)
        for file in (served, expected):
            file.ClearField("source_code_info")
            _clear_json_names(file.message_type)
        assert served == expected, name


def _clear_json_names(messages):
    """Some versions of protoc write them out, others leave them to be derived."""
    for message in messages:
        for field in message.field:
            field.ClearField("json_name")
        _clear_json_names(message.nested_type)


@pytest.mark.parametrize("symbol", [
    "dispatch.events.v1.Event", "dispatch.events.v1.Invocation.State",
    "dispatch.events.v1.EventService.CreateEvent", "dispatch.events.v1.Event.metadata",
    "google.rpc.ErrorInfo", "google.protobuf.Timestamp",
])
def test_symbols_of_every_kind_are_found(ask, symbol):
    answer = ask(Request(file_containing_symbol=symbol))[0]
    assert files_of(answer), answer


def test_what_is_unknown_is_an_answer_and_the_stream_goes_on(ask):
    answers = ask(
        Request(file_containing_symbol="nope.Nope"), Request(file_by_filename="nope.proto"),
        Request(list_services=""))

    assert [answer.WhichOneof("message_response") for answer in answers] \
        == ["error_response", "error_response", "list_services_response"]
    assert [answer.error_response.error_code for answer in answers[:2]] == [5, 5]
    assert answers[0].original_request.file_containing_symbol == "nope.Nope"


BUF = shutil.which("buf", path=f"{Path(sys.executable).parent}") or shutil.which("buf")


@pytest.fixture(params=["grpc-v1", "grpc-v1alpha"])
def buf(request, gateway, organization):
    """`buf curl` by reflection only."""
    assert BUF, "buf is missing: it comes with buf-bin of requirements.txt"

    def run(path, *arguments):
        return subprocess.run(
            [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge",
             "--reflect-protocol", request.param, "-H", f"x-dispatch-org: {organization}",
             *arguments, f"http://{gateway.address}{path}"],
            capture_output=True, text=True, timeout=60)

    return run


def test_buf_curl_lists_the_methods(buf):
    result = buf("", "--list-methods")

    assert result.returncode == 0, result.stderr
    assert "dispatch.events.v1.EventService/CreateEvent" in result.stdout
    assert "dispatch.events.v1.TriggerService/TriggerEvent" in result.stdout
    assert "grpc.health.v1.Health/Check" in result.stdout


def test_buf_curl_creates_and_triggers_an_event(buf):
    created = buf(
        "/dispatch.events.v1.EventService/CreateEvent", "-d",
        '{"event": {"event": "order.created", "metadata": {"team": "billing"}}}')
    assert created.returncode == 0, created.stderr
    assert json.loads(created.stdout)["metadata"] == {"team": "billing"}

    triggered = buf(
        "/dispatch.events.v1.TriggerService/TriggerEvent", "-d",
        '{"event": "order.created", "data": "eyJhIjogMX0="}')
    assert triggered.returncode == 0, triggered.stderr
    assert '"accepted"' in triggered.stdout and '"summary"' in triggered.stdout


def test_buf_curl_shows_an_error_with_its_details(buf):
    result = buf("/dispatch.events.v1.EventService/GetEvent", "-d", '{"event": "nope"}')

    assert result.returncode != 0
    error = json.loads(result.stderr)
    assert error["code"] == "not_found"
    details = {detail["type"]: _base64_decoded(detail["value"]) for detail in error["details"]}
    info = error_details_pb2.ErrorInfo.FromString(details["google.rpc.ErrorInfo"])
    assert (info.domain, info.reason) == ("dispatch.events", "EVENT_NOT_FOUND")


def _base64_decoded(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))
