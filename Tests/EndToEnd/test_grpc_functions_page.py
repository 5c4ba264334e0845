"""What docs/grpc-functions.md shows is so: its commands run, and its function is the example's."""

from harness.contract import REPOSITORY
from harness.page import Page

PAGE = Page("docs/grpc-functions.md")


def test_the_commands_of_the_page_work_as_written(start_gateway, tmp_path):
    outcome = PAGE.run(start_gateway(), tmp_path / "repository")
    assert outcome.returncode == 0, outcome.stdout
    PAGE.expect_shown(outcome.stdout, at_least=3)


def test_the_function_of_the_page_is_that_of_the_example():
    block = PAGE.text.partition("```python\n")[2].partition("```")[0]
    assert block.strip() in (REPOSITORY / "Examples" / "shipping_service.py").read_text()
