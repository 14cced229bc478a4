"""The current answers of the name servers."""

import random
from collections.abc import Callable
from typing import Any

import dns.name
import dns.rcode
import dns.rdatatype

from sandbox.route53.answers import NameServerAnswer, ZoneAnswers
from sandbox.route53.errors import build_invalid_input_error
from sandbox.route53.names import InvalidNameError, from_dns, is_within, normalize, to_dns
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import HostedZoneStore, ZoneVersion


class DataPlane:
    """Answers DNS questions from each name server's version of the zones.

    Parameters
    ----------
    zones
        The hosted zones.
    is_check_healthy
        Returns whether the health check with an id is healthy.
    find_service_address
        Returns the IPv4 address of an alias to a name outside the hosted zones, or None.
    random_source
        Draws among weighted record sets.

    """

    def __init__(
        self,
        *,
        zones: HostedZoneStore,
        is_check_healthy: Callable[[str], bool],
        find_service_address: Callable[[str], str | None],
        random_source: random.Random,
    ) -> None:
        self._zones = zones
        self._is_check_healthy = is_check_healthy
        self._find_service_address = find_service_address
        self._random_source = random_source
        self.operations = {"TestDNSAnswer": self.test_answer}

    def answer(self, name_server: int, name: dns.name.Name, record_type: dns.rdatatype.RdataType) -> NameServerAnswer:
        """Return the answer of a name server, counted from 0. It is REFUSED if no zone contains the name."""
        version = self._zones.find_serving_version(from_dns(name), name_server)
        if version is None:
            return NameServerAnswer(rcode=dns.rcode.REFUSED, authoritative=False)
        return self._build_zone_answers(version).answer(name, record_type)

    def test_answer(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer TestDNSAnswer from the newest record sets of the zone."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        try:
            name = normalize(parameters["RecordName"])
        except InvalidNameError as error:
            raise build_invalid_input_error(f"Invalid RecordName: {error}") from error
        if not is_within(name, zone.name):
            raise build_invalid_input_error(f"{name} does not lie within the zone {zone.name}")
        kind = dns.rdatatype.from_text(parameters["RecordType"])
        answer = self._build_zone_answers(zone.versions[-1]).answer(to_dns(name), kind)
        return {
            "Nameserver": zone.name_servers[0],
            "RecordName": name.removesuffix("."),
            "RecordType": parameters["RecordType"],
            "RecordData": [rdata.to_text() for rrset in answer.answer for rdata in rrset],
            "ResponseCode": dns.rcode.to_text(answer.rcode),
            "Protocol": "UDP",
        }

    def _build_zone_answers(self, version: ZoneVersion) -> ZoneAnswers:
        return ZoneAnswers(
            zone_name=version.zone_name,
            records=version.records_by_name,
            is_check_healthy=self._is_check_healthy,
            find_service_address=self._find_service_address,
            random_source=self._random_source,
        )
