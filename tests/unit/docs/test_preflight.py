from cognito_failover.preflight.registry import ALL_CHECKS
from tests.unit.docs.pages import ROOT, read_table


def test_page_matches_check_registry() -> None:
    rows = read_table(ROOT / "docs" / "preflight.md", "check", "severity", "passes if", "otherwise")
    expected = [
        (
            f"`{check.id}`",
            f"{check.severity}, **blocks**" if check.blocks_failover else str(check.severity),
            check.criterion,
            check.remedy,
        )
        for check in ALL_CHECKS
    ]

    assert rows == expected
