import re

from sandbox.operations import list_unsigned_operations
from tests.unit.docs.pages import ROOT, read_table


def test_every_passed_operation_is_listed_once() -> None:
    rows = read_table(ROOT / "docs" / "front.md", "for", "operations")
    named = re.findall(r"`(\w+)`", " ".join(row[1] for row in rows))

    assert sorted(named) == sorted(list_unsigned_operations("cognito-idp"))
