"""Protocol of the observation of where users are."""

from typing import Protocol

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.records import DnsWatch


class UserLocator(Protocol):
    """Observes where DNS sends users. It calls no control plane, so it works while Route 53's or S3's is down."""

    def locate(self, name: SteeredName, watch: DnsWatch) -> Location:
        """Query the authoritative name servers, as a resolver finds them, for where they send users.

        Parameters
        ----------
        name
            The steered name.
        watch
            The record sets whose answers differ by Region, and the name servers that Route 53 lists for their zone.

        Raises
        ------
        LeverUnavailableError
            If the observation did not end in time. A name server that does not answer is no error: it is no witness.

        """
        ...
