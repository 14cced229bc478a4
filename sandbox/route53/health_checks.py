"""The configuration of health checks, without their results."""

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.route53.errors import Route53ServiceError, build_invalid_input_error
from sandbox.route53.ids import IdGenerator
from sandbox.route53.names import InvalidNameError, normalize
from sandbox.route53.paging import parse_page_size, split_page
from sandbox.route53.wire import Parameters

_PAGE_LIMIT = 100
_ENDPOINT_PORTS = {"HTTP": 80, "HTTPS": 443, "HTTP_STR_MATCH": 80, "HTTPS_STR_MATCH": 443}
_INTERVALS_SECONDS = (10, 30)
_CHECK_LIMIT = 200
"""Health checks of an account, by default (AWS documentation, quotas)."""

_TYPE_SPECIFIC_SETTINGS = {
    "endpoint": {
        "FullyQualifiedDomainName", "IPAddress", "MeasureLatency", "Port", "Regions", "RequestInterval", "ResourcePath",
    },
    "CALCULATED": {"ChildHealthChecks", "HealthThreshold"},
    "CLOUDWATCH_METRIC": {"AlarmIdentifier", "InsufficientDataHealthStatus"},
    "RECOVERY_CONTROL": {"RoutingControlArn"},
}  # fmt: skip
"""Settings that only checks of some types have."""

_RESETTABLE_SETTINGS = {"FullyQualifiedDomainName", "Regions", "ResourcePath", "ChildHealthChecks"}


@dataclass(slots=True, kw_only=True)
class HealthCheck:
    """A health check. `config` is the API's `HealthCheckConfig` with the service's defaults.

    Attributes
    ----------
    alarm
        The settings of its alarm at the check's creation or last update.

    """

    id: str
    account: str
    caller_reference: str
    submitted_config: dict[str, Any]
    config: dict[str, Any] = field(init=False)
    version: int = 1
    alarm: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Fill in the defaults."""
        self.config = _build_defaults(self.submitted_config) | self.submitted_config

    @property
    def has_endpoint(self) -> bool:
        """Whether health checkers make requests for the check."""
        return self.config["Type"] in {*_ENDPOINT_PORTS, "TCP"}


type ReadAlarmSettings = Callable[[str, str, str], dict[str, Any] | str]
"""Returns an alarm's `CloudWatchAlarmConfiguration` by account, Region and name, or the reason it cannot be used."""


class HealthChecks:
    """Creates, returns, updates and deletes health checks.

    Attributes
    ----------
    read_alarm_settings
        Reads alarms. It may be replaced at any time.

    """

    def __init__(self, *, ids: IdGenerator) -> None:
        self.read_alarm_settings: ReadAlarmSettings = lambda _account, _region, name: f"there is no metric alarm {name}"
        self._ids = ids
        self._checks: dict[str, HealthCheck] = {}
        self._spent_references: set[tuple[str, str]] = set()
        self.operations = {
            "CreateHealthCheck": self.create,
            "GetHealthCheck": self.get,
            "GetHealthCheckCount": self.count,
            "ListHealthChecks": self.list_page,
            "UpdateHealthCheck": self.update,
            "DeleteHealthCheck": self.delete,
        }

    def list_ids(self, account: str) -> frozenset[str]:
        """Return the ids of an account's health checks."""
        return frozenset(check.id for check in self._checks.values() if check.account == account)

    def iterate_all(self) -> Iterator[HealthCheck]:
        """Yield the health checks of all accounts, oldest first."""
        return iter(list(self._checks.values()))

    def find_any(self, check_id: str) -> HealthCheck | None:
        """Return a health check of any account, or None."""
        return self._checks.get(check_id)

    def create(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer CreateHealthCheck. The same reference with the same settings returns the same check."""
        reference, config = parameters["CallerReference"], parameters["HealthCheckConfig"]
        check = next((other for other in self._list_checks(account) if other.caller_reference == reference), None)
        if (check and check.submitted_config != config) or (account, reference) in self._spent_references:
            raise Route53ServiceError(
                "HealthCheckAlreadyExists",
                "A health check has already been created with the specified caller reference and other settings, "
                f"or has been deleted since: {reference}",
            )
        if check is None:
            if len(self._list_checks(account)) >= _CHECK_LIMIT:
                raise Route53ServiceError(
                    "TooManyHealthChecks", f"The account has {_CHECK_LIMIT} health checks; no more are allowed"
                )
            check = HealthCheck(
                id=self._ids.make_health_check_id(),
                account=account,
                caller_reference=reference,
                submitted_config=config,
            )
            check.alarm = self._validate(account, check.config)
            self._checks[check.id] = check
        location = f"https://route53.amazonaws.com/2013-04-01/healthcheck/{check.id}"
        return {"HealthCheck": _describe(check), "Location": location}

    def get(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheck."""
        return {"HealthCheck": _describe(self.require(account, parameters["HealthCheckId"]))}

    def count(self, account: str, _parameters: Parameters) -> dict[str, Any]:
        """Answer GetHealthCheckCount."""
        return {"HealthCheckCount": len(self._list_checks(account))}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListHealthChecks."""
        size = parse_page_size(parameters.get("MaxItems"), limit=_PAGE_LIMIT)
        checks = self._list_checks(account)
        if "Marker" in parameters:
            starts = [index for index, check in enumerate(checks) if check.id == parameters["Marker"]]
            if not starts:
                raise build_invalid_input_error(
                    f"Unknown Marker: '{parameters['Marker']}'; give the NextMarker of the last page"
                )
            checks = checks[starts[0] :]
        page, following = split_page(checks, size)
        shown = {
            "HealthChecks": [_describe(check) for check in page],
            "Marker": parameters.get("Marker", ""),
            "IsTruncated": following is not None,
            "MaxItems": size,
        }
        return {**shown, "NextMarker": following.id} if following else shown

    def update(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer UpdateHealthCheck. With `HealthCheckVersion` it is a compare-and-set."""
        check = self.require(account, parameters["HealthCheckId"])
        expected = parameters.get("HealthCheckVersion", check.version)
        if expected != check.version:
            raise Route53ServiceError(
                "HealthCheckVersionMismatch",
                f"The health check is at version {check.version}, not at {expected} as the request says",
            )
        control = {"HealthCheckId", "HealthCheckVersion", "ResetElements"}
        resets = set(parameters.get("ResetElements", ())) & _RESETTABLE_SETTINGS
        config = {name: value for name, value in check.config.items() if name not in resets}
        config |= {name: value for name, value in parameters.items() if name not in control}
        if ("IPAddress" in config) is not ("IPAddress" in check.config):
            raise build_invalid_input_error("Invalid parameter : an IPAddress can be changed, but not added or removed")
        check.alarm = self._validate(account, config)
        check.config = config
        check.version += 1
        return {"HealthCheck": _describe(check)}

    def delete(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer DeleteHealthCheck. Like the service, it also deletes a check that record sets name."""
        check = self.require(account, parameters["HealthCheckId"])
        del self._checks[check.id]
        self._spent_references.add((account, check.caller_reference))
        return {}

    def require(self, account: str, check_id: str) -> HealthCheck:
        """Return an account's health check.

        Raises
        ------
        Route53ServiceError
            ``NoSuchHealthCheck``.

        """
        check = self._checks.get(check_id)
        if check is None or check.account != account:
            raise Route53ServiceError("NoSuchHealthCheck", f"No health check exists with the specified ID: {check_id}")
        return check

    def _list_checks(self, account: str) -> list[HealthCheck]:
        return [check for check in self._checks.values() if check.account == account]

    def _validate(self, account: str, config: dict[str, Any]) -> dict[str, Any] | None:
        """Validate the settings, and return the settings of the alarm that they name, or None."""
        _reject_invalid(config)
        children = set(config.get("ChildHealthChecks", ()))
        if unknown := children - self.list_ids(account):
            raise build_invalid_input_error(
                f"Invalid parameter : ChildHealthChecks names unknown checks: {sorted(unknown)}"
            )
        if parents := [child for child in children if self._checks[child].config["Type"] == "CALCULATED"]:
            raise build_invalid_input_error(
                f"Invalid parameter : calculated checks can't be monitored: {sorted(parents)}"
            )
        if config["Type"] != "CLOUDWATCH_METRIC":
            return None
        alarm = config["AlarmIdentifier"]
        settings = self.read_alarm_settings(account, alarm["Region"], alarm["Name"])
        if isinstance(settings, str):
            raise build_invalid_input_error(f"Invalid parameter : {settings}")
        return settings


def _build_defaults(given: dict[str, Any]) -> dict[str, Any]:
    kind = given["Type"]
    defaults: dict[str, Any] = {"Inverted": False, "Disabled": False}
    if kind in _ENDPOINT_PORTS or kind == "TCP":
        defaults |= {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False}
    if kind in _ENDPOINT_PORTS:
        defaults |= {"Port": _ENDPOINT_PORTS[kind], "EnableSNI": kind.startswith("HTTPS")}
    return defaults


def _reject_invalid(config: dict[str, Any]) -> None:
    kind = config["Type"]
    if kind in _ENDPOINT_PORTS or kind == "TCP":
        _reject_invalid_endpoint(config)
    if kind.endswith("STR_MATCH") != ("SearchString" in config):
        verb = "requires" if kind.endswith("STR_MATCH") else "does not support"
        raise build_invalid_input_error(f"Invalid parameter : a health check of type {kind} {verb} SearchString")
    if kind == "CALCULATED" and "HealthThreshold" not in config:
        raise build_invalid_input_error(
            "Invalid parameter : a health check of type CALCULATED requires HealthThreshold"
        )
    if kind == "CLOUDWATCH_METRIC" and "AlarmIdentifier" not in config:
        raise build_invalid_input_error(
            "Invalid parameter : a health check of type CLOUDWATCH_METRIC requires AlarmIdentifier"
        )
    for check_type, members in _TYPE_SPECIFIC_SETTINGS.items():
        if not _is_type(kind, check_type) and (unsupported := sorted(members & config.keys())):
            raise build_invalid_input_error(
                f"Invalid parameter : a health check of type {kind} does not support {unsupported[0]}"
            )


def _is_type(kind: str, of: str) -> bool:
    return kind in {*_ENDPOINT_PORTS, "TCP"} if of == "endpoint" else kind == of


def _reject_invalid_endpoint(config: dict[str, Any]) -> None:
    kind = config["Type"]
    address = config.get("IPAddress")
    if not address and not config.get("FullyQualifiedDomainName"):
        raise build_invalid_input_error(
            f"Invalid parameter : {kind} requires an IPAddress or a FullyQualifiedDomainName"
        )
    if address and not ipaddress.ip_address(address).is_global:
        raise build_invalid_input_error(f"Invalid IPAddress : {address} is local, private, non-routable or multicast")
    if name := config.get("FullyQualifiedDomainName"):
        try:
            normalize(name)
        except InvalidNameError as error:
            raise build_invalid_input_error(f"Invalid FullyQualifiedDomainName : {error}") from error
    if kind == "TCP" and "Port" not in config:
        raise build_invalid_input_error("Invalid parameter : a health check of type TCP requires Port")
    if config["RequestInterval"] not in _INTERVALS_SECONDS:
        raise build_invalid_input_error(f"Invalid RequestInterval : {config['RequestInterval']}; give 10 or 30 seconds")


def _describe(check: HealthCheck) -> dict[str, Any]:
    description = {
        "Id": check.id,
        "CallerReference": check.caller_reference,
        "HealthCheckConfig": check.config,
        "HealthCheckVersion": check.version,
    }
    return {**description, "CloudWatchAlarmConfiguration": check.alarm} if check.alarm else description
