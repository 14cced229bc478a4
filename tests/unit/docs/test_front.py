import re

from sandbox.operations import unsigned_operations
from tests.unit.docs.pages import ROOT, table


def test_the_page_names_every_operation_that_passes_once() -> None:
    rows = table(ROOT / "docs" / "front.md", "for", "operations")
    named = re.findall(r"`(\w+)`", " ".join(row[1] for row in rows))

    assert sorted(named) == sorted(unsigned_operations("cognito-idp"))
