"""Injected faults, and their effect on a connection or a call."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from sandbox.errors import InvalidFieldError
from sandbox.http_messages import EndpointRequest

OUTSIDE_AWS = "outside"
"""The value of ``from_region`` for callers that run in no Region."""

TARGET_SERVICE = "target"
"""The service name of a Region's target."""

NAME_SERVERS_SERVICE = "name-servers"
"""The service name of Route 53's name servers, which are in no Region."""

HEALTH_CHECKERS_SERVICE = "health-checkers"
"""The service name of Route 53's health checkers. A fault's Region is the Region of the checkers."""

LAMBDA_SERVICE = "lambda"
"""The service name of Lambda, which the effect ``twice`` needs."""

LOGIN_SERVICE = "login"
"""The service name of managed login in a Region, which a custom domain's distribution calls."""


class Effect(StrEnum):
    """The effect of a fault."""

    ERROR = "error"
    THROTTLE = "throttle"
    LATENCY = "latency"
    HANG = "hang"
    RESET = "reset"
    REFUSE = "refuse"
    DEAD = "dead"
    CUT_OFF = "cut-off"
    WAF_CHALLENGE = "waf-challenge"
    MFA_CHALLENGE = "mfa-challenge"
    TRUNCATE = "truncate"
    TWICE = "twice"


class ConnectionEffect(StrEnum):
    """The effect of faults on a connection."""

    OPEN = "open"
    HANG = "hang"
    REFUSE = "refuse"


_DEFAULT_MESSAGE = "Injected by the sandbox"
_REGION_WIDE_EFFECTS = frozenset({Effect.DEAD, Effect.CUT_OFF})
_TERMINAL_EFFECTS = frozenset(
    {
        Effect.ERROR,
        Effect.THROTTLE,
        Effect.HANG,
        Effect.RESET,
        Effect.WAF_CHALLENGE,
        Effect.MFA_CHALLENGE,
        Effect.TRUNCATE,
    }
)
_DATA_PLANE_SERVICES = frozenset({NAME_SERVERS_SERVICE, HEALTH_CHECKERS_SERVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One injected fault.

    Attributes
    ----------
    id
        Its name. Another fault with the same name replaces it.
    effect
        ``dead`` and ``cut-off`` apply to a whole Region. A dead Region is unreachable and runs nothing. A Region that
        is cut off keeps running and reaches only itself.
    region, service, operation
        The calls that it applies to; None for any. ``refuse`` applies to connections, which have no service or
        operation. Only the service ``target`` can be named, because it has its own address.
    from_region
        Applies only to callers in this Region; ``outside`` for callers in no Region; None for any.
    fraction
        The share of calls that it applies to, above 0 up to 1.
    seconds
        The delay of ``latency``.
    code, status, message
        The answer of ``error``. The code is also the name of an ``mfa-challenge``.

    """

    id: str
    effect: Effect
    region: str | None = None
    service: str | None = None
    operation: str | None = None
    from_region: str | None = None
    fraction: float = 1.0
    seconds: float | None = None
    code: str | None = None
    status: int = 500
    message: str = _DEFAULT_MESSAGE

    def applies_to_caller(self, caller_region: str | None) -> bool:
        """Return whether the fault applies to a caller in this Region, or outside if None."""
        return self.from_region in (None, caller_region or OUTSIDE_AWS)

    def applies_to_request(self, request: EndpointRequest) -> bool:
        """Return whether the fault applies to a call. The fraction is ignored."""
        return self.applies_to(request.service, request.operation, request.region, request.caller_region)

    def applies_to(self, service: str, operation: str, region: str, caller_region: str | None) -> bool:
        """Return whether the fault applies to an operation in a Region. The fraction is ignored."""
        return (
            self.applies_to_caller(caller_region)
            and self.region in (None, region)
            and self.service in (None, service)
            and self.operation in (None, operation)
        )


@dataclass(frozen=True, slots=True)
class CallEffect:
    """The effect of faults on a call: a delay, then the first fault that ends the call, if any."""

    wait_seconds: float = 0.0
    terminal_fault: Fault | None = None


class Faults:
    """The active faults.

    Parameters
    ----------
    regions
        The Regions that a fault may name.
    draw
        Returns a random number from 0 up to 1, which is compared with a fault's fraction.

    """

    def __init__(self, regions: Sequence[str], *, draw: Callable[[], float] | None = None) -> None:
        self._regions = tuple(regions)
        self._draw = draw or random.Random(0).random  # noqa: S311 - a repeatable brownout, no secret
        # Replaced, never modified: schedules and Lambda functions read it from other threads.
        self._by_id: Mapping[str, Fault] = {}
        self._before_listeners: list[Callable[[], None]] = []
        self._after_listeners: list[Callable[[], None]] = []

    def add_listeners(
        self, *, before: Callable[[], None] | None = None, after: Callable[[], None] | None = None
    ) -> None:
        """Add functions that are called before and after every change."""
        self._before_listeners += [before] if before else []
        self._after_listeners += [after] if after else []

    def list_active(self) -> tuple[Fault, ...]:
        """Return the active faults in the order in which they were set."""
        return tuple(self._by_id.values())

    def set(self, fault: Fault) -> None:
        """Activate a fault. It replaces the fault with the same id."""
        self._replace_all({**self._by_id, fault.id: fault})

    def replace(self, faults: Sequence[Fault]) -> None:
        """Replace all active faults with these."""
        self._replace_all({fault.id: fault for fault in faults})

    def clear(self, fault_id: str | None = None) -> int:
        """Clear one fault, or all. Return the number of cleared faults."""
        kept = {} if fault_id is None else {key: value for key, value in self._by_id.items() if key != fault_id}
        cleared = len(self._by_id) - len(kept)
        self._replace_all(kept)
        return cleared

    def parse(self, raw: object, *, fault_id: str | None = None) -> Fault:
        """Parse a fault from decoded JSON.

        Raises
        ------
        InvalidFieldError
            If a field is invalid.

        """
        return _parse_fault(raw, self._regions, fault_id)

    def is_dead(self, region: str) -> bool:
        """Return whether the Region is dead."""
        return self._has_active(Effect.DEAD, region)

    def is_delivering_twice(self, region: str) -> bool:
        """Return whether Lambda in the Region gets a scheduled event twice."""
        return any(fault.effect is Effect.TWICE and fault.region in (None, region) for fault in self.list_active())

    def is_connected(self, one: str, other: str) -> bool:
        """Return whether two Regions reach each other."""
        return not self.is_partitioned(one, other)

    def can_reach_global_hosts(self, region: str | None) -> bool:
        """Return whether a caller in the Region, or outside if None, reaches hosts in no Region."""
        return region is None or not any(self._has_active(effect, region) for effect in _REGION_WIDE_EFFECTS)

    def can_query_name_servers(self, caller_region: str | None) -> bool:
        """Return whether a name server answers a query from a caller in a Region, or outside if None."""
        return self.can_reach_global_hosts(caller_region) and not any(
            fault.service == NAME_SERVERS_SERVICE
            and fault.applies_to_caller(caller_region)
            and self._should_apply(fault)
            for fault in self.list_active()
        )

    def can_health_checkers_report(self, region: str | None) -> bool:
        """Return whether reports of health checkers in a Region, or in none of the sandbox's Regions, arrive."""
        return self.can_reach_global_hosts(region) and not any(
            fault.service == HEALTH_CHECKERS_SERVICE and fault.region in (None, region) for fault in self.list_active()
        )

    def is_partitioned(self, caller_region: str | None, region: str) -> bool:
        """Return whether a caller in a Region, or outside if None, cannot reach another Region."""
        if self.is_dead(region) or (caller_region is not None and self.is_dead(caller_region)):
            return True
        if caller_region == region:
            return False
        return not (self.can_reach_global_hosts(region) and self.can_reach_global_hosts(caller_region))

    def find_connection_effect(
        self, *, caller_region: str | None, region: str, service: str | None = None
    ) -> ConnectionEffect:
        """Return the effect of faults on a new connection to a Region's API, or to its target."""
        if self.is_partitioned(caller_region, region):
            return ConnectionEffect.HANG
        is_refused = any(
            fault.effect is Effect.REFUSE
            and fault.region in (None, region)
            and fault.service in (None, service)
            and fault.applies_to_caller(caller_region)
            and self._should_apply(fault)
            for fault in self.list_active()
        )
        return ConnectionEffect.REFUSE if is_refused else ConnectionEffect.OPEN

    def is_refusing_all(self, region: str, service: str | None = None) -> bool:
        """Return whether the Region refuses the connections of all callers, like a host on which nothing listens."""
        return any(
            fault.effect is Effect.REFUSE
            and fault.region in (None, region)
            and fault.service in (None, service)
            and fault.from_region is None
            and fault.fraction == 1
            for fault in self.list_active()
        )

    def can_call(self, service: str, operation: str, *, region: str, caller_region: str | None) -> bool:
        """Return whether no fault ends a call from one service to another within AWS."""
        return not self.is_partitioned(caller_region, region) and not any(
            fault.effect in _TERMINAL_EFFECTS
            and fault.applies_to(service, operation, region, caller_region)
            and self._should_apply(fault)
            for fault in self.list_active()
        )

    def find_call_effect(self, request: EndpointRequest) -> CallEffect:
        """Return the effect of faults on a call. Delays add up, and the first fault that ends calls ends it."""
        wait_seconds = 0.0
        for fault in self.list_active():
            if not fault.applies_to_request(request) or not self._should_apply(fault):
                continue
            match fault.effect:
                case Effect.LATENCY:
                    wait_seconds += fault.seconds or 0.0
                case Effect.TWICE:
                    continue  # applied to scheduled events: see is_delivering_twice
                case Effect.REFUSE | Effect.DEAD | Effect.CUT_OFF:
                    continue  # applied to the connection: see find_connection_effect
                case _:
                    return CallEffect(wait_seconds, fault)
        return CallEffect(wait_seconds)

    def _should_apply(self, fault: Fault) -> bool:
        return fault.fraction >= 1 or self._draw() < fault.fraction

    def _has_active(self, effect: Effect, region: str) -> bool:
        return any(fault.effect is effect and fault.region == region for fault in self.list_active())

    def _replace_all(self, by_id: Mapping[str, Fault]) -> None:
        for listener in self._before_listeners:
            listener()
        self._by_id = by_id
        for listener in self._after_listeners:
            listener()


def to_json(fault: Fault) -> dict[str, object]:
    """Return a fault as a JSON object without the fields that are not set."""
    return {key: value for key, value in asdict(fault).items() if value is not None}


_FIELDS = tuple(field.name for field in fields(Fault))
_EXAMPLE = '{"effect": "dead", "region": "ap-northeast-1"}'
_MIN_STATUS, _MAX_STATUS = 400, 599


def _parse_fault(raw: object, regions: Sequence[str], fault_id: str | None) -> Fault:
    if not isinstance(raw, dict):
        raise InvalidFieldError("fault", f"{raw!r} is not an object", "a JSON object", _EXAMPLE)
    for name in raw:
        if name not in _FIELDS:
            raise InvalidFieldError(str(name), "unknown field", ", ".join(_FIELDS), _EXAMPLE)
    try:
        effect = Effect(raw["effect"])
    except (KeyError, ValueError, TypeError):
        raise InvalidFieldError(
            "effect", f"{raw.get('effect')!r} is unknown", ", ".join(Effect), '"effect": "dead"'
        ) from None
    region = _parse_choice(raw, "region", regions)
    service = _parse_text(raw, "service")
    operation = _parse_text(raw, "operation")
    fault = Fault(
        id=fault_id or _parse_text(raw, "id") or _build_fault_id(effect, region, service, operation),
        effect=effect,
        region=region,
        service=service,
        operation=operation,
        from_region=_parse_choice(raw, "from_region", (*regions, OUTSIDE_AWS)),
        fraction=_parse_number(raw, "fraction", 1.0, minimum=0.0, maximum=1.0),
        seconds=_parse_number(raw, "seconds", 0.0, minimum=0.0, maximum=900.0) if "seconds" in raw else None,
        code=_parse_text(raw, "code"),
        status=int(_parse_number(raw, "status", 500, minimum=_MIN_STATUS, maximum=_MAX_STATUS)),
        message=_parse_text(raw, "message") or _DEFAULT_MESSAGE,
    )
    _validate_combination(fault, regions)
    return fault


def _validate_combination(fault: Fault, regions: Sequence[str]) -> None:
    region_wide = fault.effect in _REGION_WIDE_EFFECTS
    if region_wide and fault.region is None:
        raise InvalidFieldError(
            "region", f"missing for effect {fault.effect}", ", ".join(regions), f'"region": "{regions[0]}"'
        )
    narrowing_fields = [
        name
        for name, is_narrowed in (
            ("service", fault.service is not None),
            ("operation", fault.operation is not None),
            ("from_region", fault.from_region is not None),
            ("fraction", fault.fraction < 1),
        )
        if is_narrowed
    ]
    if region_wide and narrowing_fields:
        raise InvalidFieldError(narrowing_fields[0], f"{fault.effect} applies to a whole Region", "no value", _EXAMPLE)
    if fault.service in _DATA_PLANE_SERVICES:
        _validate_data_plane_fault(fault)
    if fault.effect is Effect.REFUSE and (fault.service not in (None, TARGET_SERVICE) or fault.operation):
        raise InvalidFieldError(
            "service",
            "a refused connection has no service or operation",
            f"no value, or {TARGET_SERVICE!r}; the effect {Effect.RESET} takes any service",
            '{"effect": "refuse", "region": "us-east-1"}',
        )
    if fault.effect is Effect.TWICE and (
        fault.service != LAMBDA_SERVICE or {"operation", "fraction"} & {*narrowing_fields}
    ):
        raise InvalidFieldError(
            "service",
            "only scheduled events of Lambda are delivered twice",
            repr(LAMBDA_SERVICE),
            '{"effect": "twice", "service": "lambda", "region": "us-east-1"}',
        )
    if fault.effect is Effect.LATENCY and not fault.seconds:
        raise InvalidFieldError("seconds", "missing for effect latency", "above 0 up to 900", '"seconds": 1.5')
    if fault.effect is Effect.ERROR and fault.code is None:
        raise InvalidFieldError(
            "code", "missing for effect error", "an error code of the service", '"code": "InternalErrorException"'
        )


def _validate_data_plane_fault(fault: Fault) -> None:
    example = f'{{"effect": "hang", "service": "{fault.service}"}}'
    if fault.effect is not Effect.HANG:
        raise InvalidFieldError("effect", f"{fault.service} do not support {fault.effect}", Effect.HANG, example)
    is_for_name_servers = fault.service == NAME_SERVERS_SERVICE
    for name, is_narrowed in (
        ("operation", fault.operation is not None),
        ("region", is_for_name_servers and fault.region is not None),
        ("from_region", not is_for_name_servers and fault.from_region is not None),
        ("fraction", not is_for_name_servers and fault.fraction < 1),
    ):
        if is_narrowed:
            raise InvalidFieldError(name, f"{fault.service} do not support this field", "no value", example)


def _build_fault_id(effect: Effect, *parts: str | None) -> str:
    return "-".join([*(part for part in parts if part), effect])


def _parse_text(raw: Mapping[str, object], field: str) -> str | None:
    value = raw.get(field)
    if value is not None and (not isinstance(value, str) or not value):
        raise InvalidFieldError(field, f"{value!r} is not a text", "a text, not empty", f'"{field}": "cognito-idp"')
    return value


def _parse_choice(raw: Mapping[str, object], field: str, allowed: Sequence[str]) -> str | None:
    value = _parse_text(raw, field)
    if value is not None and value not in allowed:
        raise InvalidFieldError(field, f"{value!r} is unknown", ", ".join(allowed), f'"{field}": "{allowed[0]}"')
    return value


def _parse_number(raw: Mapping[str, object], field: str, default: float, *, minimum: float, maximum: float) -> float:
    value = raw.get(field, default)
    in_range = isinstance(value, (int, float)) and not isinstance(value, bool) and minimum <= value <= maximum
    if not in_range or (field == "fraction" and value == 0):
        raise InvalidFieldError(
            field, f"{value!r} is out of range", f"a number from {minimum:g} to {maximum:g}", f'"{field}": {default:g}'
        )
    return float(value)  # type: ignore[arg-type] # in_range ensures a number
