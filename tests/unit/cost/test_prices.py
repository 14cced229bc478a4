"""The price list: complete, and each price with source and date."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from failoverctl.cost.prices import PRICES_PATH, BillingItem, PriceListError, read


@pytest.mark.parametrize("item", BillingItem)
def test_price_has_aws_source_page_and_past_date(item: BillingItem) -> None:
    price = read()[item]

    assert price.source.startswith("https://aws.amazon.com/")
    assert "pricing" in price.source
    assert date(2026, 1, 1) <= price.noted_on <= datetime.now(UTC).date()
    assert price.unit
    assert price.usd >= 0
    assert price.per >= 1
    assert price.free >= 0


def test_price_without_source_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    lines = PRICES_PATH.read_text().splitlines()
    lines.remove(next(line for line in lines if line.startswith("source")))
    path.write_text("\n".join(lines))

    with pytest.raises(PriceListError, match="source"):
        read(path)


def test_item_without_price_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES_PATH.read_text().replace("[secrets]", "[schedules.unused]"))

    with pytest.raises(PriceListError, match="no price for secrets"):
        read(path)
