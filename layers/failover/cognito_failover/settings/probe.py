"""What a probe must be told, wherever it runs."""

from typing import Protocol

from cognito_failover.common.region import PerRole


class ProbeSettings(Protocol):
    """The settings that the controller and the further observers have in common; their meaning is in `Settings`."""

    @property
    def primary_region(self) -> str:
        """The pool's primary Region."""
        ...

    @property
    def standby_region(self) -> str:
        """The replica's Region."""
        ...

    @property
    def regions(self) -> PerRole[str]:
        """Both."""
        ...

    @property
    def user_pool_id(self) -> str:
        """The pool's id, the same in both."""
        ...

    @property
    def client_id(self) -> str:
        """The app client's id, the same in both."""
        ...

    @property
    def expected_issuer(self) -> str:
        """The ``iss`` of every token."""
        ...

    @property
    def has_managed_records(self) -> bool:
        """Whether there is a domain with a target in each Region."""
        ...

    @property
    def domain_name(self) -> str:
        """The domain's name; empty without one."""
        ...

    @property
    def primary_target(self) -> str:
        """What its record points at in the primary Region."""
        ...

    @property
    def standby_target(self) -> str:
        """What its record points at in the standby Region."""
        ...

    @property
    def target_probe_path(self) -> str:
        """What to get there; empty for a sign-in."""
        ...

    @property
    def witness_regions(self) -> tuple[str, ...]:
        """Third Regions."""
        ...

    @property
    def round_interval_seconds(self) -> int:
        """From one round of the controller to the next."""
        ...

    @property
    def suspect_interval_seconds(self) -> int:
        """The same while a Region is suspect."""
        ...

    @property
    def connect_timeout_seconds(self) -> float:
        """How long a connection may take."""
        ...

    @property
    def read_timeout_seconds(self) -> float:
        """How long an answer may take then."""
        ...

    @property
    def probe_deadline_seconds(self) -> float:
        """When whatever is left of a look is cut off."""
        ...
