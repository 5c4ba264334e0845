"""What docs/filters.md shows is taken, and explain says what the page says."""

import re

import pytest

from harness.contract import REPOSITORY, pb
from harness.page import Page

PAGE = Page("docs/filters.md")


def shown(language):
    """The lines of the page's blocks in that language, each one filter or template."""
    start = "```sql" if language == "sql" else f"<!-- {language} -->\n```text"
    blocks = re.findall(rf"^{re.escape(start)}\n(.*?)^```$", PAGE.text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("language", ["sql", "json", "pattern", "template"])
def test_each_example_is_taken(client, functions, language):
    client.define("e")
    client.http_function("f", functions.function("/f"))
    assert len(shown(language)) >= 2
    for text in shown(language):
        subscription = pb.Subscription(event="e", function_id="f")
        if language == "template":
            subscription.transform.template = text
        else:
            setattr(subscription.filter, language, text)
        client.subscriptions.CreateSubscription(
            pb.CreateSubscriptionRequest(subscription=subscription))


def test_explain_says_what_the_page_says(start_gateway, tmp_path):
    gateway = start_gateway(functions=[REPOSITORY / "Examples" / "functions"])
    outcome = PAGE.run(gateway, tmp_path / "repository")
    assert outcome.returncode == 0, outcome.stdout
    PAGE.expect_shown(outcome.stdout)


@pytest.mark.parametrize("pattern, matching", [
    ("order.created", {"order.created"}),
    ("order.*", {"order.created"}),
    ("*.created", {"order.created"}),
    ("order.**", {"order.created", "order.paid.late"}),
    ("**", {"order.created", "order.paid.late", "order"}),
])
def test_the_table_of_patterns_is_right(client, functions, pattern, matching):
    names = ["order.created", "order.paid.late", "order"]
    row, = [line for line in PAGE.text.splitlines() if line.startswith(f"| `{pattern}` |")]
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    assert {name for name, cell in zip(names, cells) if cell == "yes"} == matching
    for name in names:
        client.define(name)
    client.http_function("f", functions.function("/f"))
    client.subscribe(pattern, "f")
    assert {name for name in names if client.emit(name, b"{}").invocation_count} == matching
