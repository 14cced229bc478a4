from failover.preflight.registry import registry
from tests.unit.docs.pages import ROOT, table


def test_the_page_has_every_check_as_the_registry_has_it() -> None:
    rows = table(ROOT / "docs" / "preflight.md", "check", "severity", "passes if", "otherwise")
    expected = [
        (
            f"`{check.id}`",
            f"{check.severity}, **bars**" if check.bars else str(check.severity),
            check.passes,
            check.remedy,
        )
        for check in registry()
    ]

    assert rows == expected
