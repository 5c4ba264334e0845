"""FunctionService: the five standard methods."""

import pytest

from harness.contract import pb
from harness.refusal import refused


def create(client, **fields):
    return client.functions.CreateFunction(
        pb.CreateFunctionRequest(function=pb.Function(**fields)))


def test_an_http_function_is_given_back_as_it_was_created(client):
    created = client.http_function(
        "mail", "https://mail.test/send", headers={"authorization": "Bearer x"},
        flow=pb.FlowControl(max_concurrency=3), metadata={"team": "mail"})

    assert created.function_id == "mail"
    assert created.http.url == "https://mail.test/send"
    assert created.http.headers == {"authorization": "Bearer x"}
    assert created.flow.max_concurrency == 3
    assert created.metadata == {"team": "mail"}
    assert created.uid and created.etag and created.revision == 1
    assert client.get_function("mail") == created


def test_a_process_function_is_given_back_as_it_was_created(client, scripts):
    created = client.process_function(
        "env", scripts / "environment.sh", "a", "b c", environment={"KEY": "value"})

    assert created.process.command == str(scripts / "environment.sh")
    assert created.process.arguments == ["a", "b c"]
    assert created.process.environment == {"KEY": "value"}
    assert created.flow.max_concurrency == 64
    assert client.get_function("env") == created


def test_functions_are_listed_page_by_page_in_the_order_of_their_ids(client):
    names = [f"f{number}" for number in range(5)]
    for name in reversed(names):
        client.http_function(name, "http://mail.test")

    first = client.functions.ListFunctions(pb.ListFunctionsRequest(page_size=3))
    rest = client.functions.ListFunctions(
        pb.ListFunctionsRequest(page_size=3, page_token=first.next_page_token))

    assert [f.function_id for f in [*first.functions, *rest.functions]] == names
    assert len(first.functions) == 3 and rest.next_page_token == ""


def test_an_update_naming_one_target_replaces_the_other(client, scripts):
    client.http_function("f", "http://mail.test", metadata={"a": "b"})
    process = pb.ProcessTarget(command=str(scripts / "echo.sh"))

    changed = client.update_function(
        pb.Function(function_id="f", process=process), mask=["process"])

    assert changed.WhichOneof("target") == "process"
    assert changed.metadata == {"a": "b"}
    assert changed.revision == 2


def test_an_update_without_a_mask_changes_the_fields_that_are_set(client):
    client.http_function("f", "http://mail.test", flow=pb.FlowControl(max_concurrency=3))

    changed = client.update_function(
        pb.Function(function_id="f", http=pb.HttpTarget(url="http://post.test")))

    assert changed.http.url == "http://post.test"
    assert changed.flow.max_concurrency == 3


def test_an_update_with_a_star_sets_what_is_absent_to_its_default(client):
    client.http_function(
        "f", "http://mail.test", flow=pb.FlowControl(max_concurrency=3), metadata={"a": "b"})

    changed = client.update_function(
        pb.Function(function_id="f", http=pb.HttpTarget(url="http://post.test")), mask=["*"])

    assert changed.flow.max_concurrency == 64
    assert changed.metadata == {}


def test_an_unknown_field_in_a_mask_is_refused(client):
    client.http_function("f", "http://mail.test")

    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="update_mask"):
        client.update_function(pb.Function(function_id="f"), mask=["colour"])


def test_an_old_etag_aborts_update_and_delete(client):
    old = client.http_function("f", "http://mail.test").etag
    client.update_function(pb.Function(function_id="f", metadata={"a": "b"}))

    with refused("ABORTED", "ETAG_MISMATCH"):
        client.update_function(pb.Function(function_id="f", etag=old, metadata={"c": "d"}))
    with refused("ABORTED", "ETAG_MISMATCH"):
        client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="f", etag=old))


def test_a_repeated_create_with_the_same_request_id_gets_the_first_answer(client):
    function = pb.Function(function_id="f", http=pb.HttpTarget(url="http://mail.test"))
    request = pb.CreateFunctionRequest(function=function, request_id="r-1")

    assert client.functions.CreateFunction(request) == client.functions.CreateFunction(request)


def test_a_create_that_is_only_validated_creates_nothing(client):
    function = pb.Function(function_id="f", http=pb.HttpTarget(url="http://mail.test"))
    client.functions.CreateFunction(
        pb.CreateFunctionRequest(function=function, validate_only=True))

    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND") as refusals:
        client.get_function("f")
    assert refusals[0].resource == ("Function", "f")


def test_a_function_that_subscriptions_run_is_deleted_only_by_force(client):
    client.define("order.created")
    client.http_function("f", "http://mail.test")
    client.subscribe("order.created", "f", "mail")

    with refused("FAILED_PRECONDITION", "IN_USE"):
        client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="f"))
    client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="f", force=True))

    with refused("NOT_FOUND"):
        client.get_function("f")
    assert client.subscription_ids() == []
    client.get_event("order.created")


def test_a_function_without_a_target_is_refused(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.target"):
        create(client, function_id="f")


@pytest.mark.parametrize("url", [
    "", "mail.test", "ftp://mail.test", "http://mail.test/ä b", "http://user:secret@mail.test",
])
def test_an_ill_formed_url_is_refused(client, url):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.http.url"):
        client.http_function("f", url)


@pytest.mark.parametrize("name", ["host", "content-type", "ce-id", "Upper", "with space"])
def test_headers_that_are_not_the_users_to_set_are_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"function.http.headers[{name}]"):
        client.http_function("f", "http://mail.test", headers={name: "x"})


@pytest.mark.parametrize("concurrency", [-1, 1001])
def test_a_concurrency_beyond_its_limits_is_refused(client, concurrency):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.flow.max_concurrency"):
        client.http_function(
            "f", "http://mail.test", flow=pb.FlowControl(max_concurrency=concurrency))


def test_a_command_outside_the_allowed_folders_is_refused(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.process.command"):
        client.process_function("f", "/bin/sh")


def test_a_command_that_leaves_an_allowed_folder_by_dots_is_refused(client, scripts):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.process.command"):
        client.process_function("f", f"{scripts}/../../../../../../../../bin/sh")


def test_a_command_that_leaves_an_allowed_folder_by_a_link_is_refused(
    start_gateway, connect, tmp_path
):
    folder = tmp_path / "allowed"
    folder.mkdir()
    (folder / "link").symlink_to("/bin/sh")
    client = connect(start_gateway(functions=[folder]))

    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.process.command"):
        client.process_function("f", folder / "link")


def test_a_command_that_does_not_exist_is_refused(client, scripts):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.process.command"):
        client.process_function("f", scripts / "nope.sh")


def test_a_gateway_without_allowed_folders_runs_no_processes(start_gateway, connect, scripts):
    client = connect(start_gateway(functions=[]))

    with refused("FAILED_PRECONDITION", "FUNCTION_KIND_DISABLED") as refusals:
        client.process_function("f", scripts / "echo.sh")
    assert "--allow-process" in refusals[0].message
