"""The process that is measured. It is run with the standard library and what Lambda would find, and nothing else.

``python -I -S -B measured_process.py PLAN`` where PLAN is JSON:

``guest``
    The folder of the module that puts the sandbox's network under the process.
``path``
    Where code is imported from, as on Lambda: the function's folder and the layer's.
``kind``
    ``baseline`` (plain boto3 and one client), ``cold`` (a function's import and first invocation), ``minute`` (then
    rounds without waiting and a whole invocation as the schedule starts it) or ``share`` (then rounds with a share of a
    processor only).
``event``
    What the function is given.
``interval_seconds``
    Between the controller's rounds.
``share``, ``rounds``, ``holder``
    The share, how many rounds, and the arguments of the Python that holds this process to it.
``result``
    The file that the figures are written to.
"""

import json
import os
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

FUNCTION_TIMEOUT_SECONDS = 118.0
"""The function's timeout in the template."""


class _Stopwatch:
    """Wall and processor seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"wall_seconds": time.perf_counter() - self._wall, "cpu_seconds": time.process_time() - self._cpu}


class _AdjustableClock:
    """The time of day, which can be put forward; the function takes it for the time."""

    def __init__(self) -> None:
        self._real = time.time
        self._offset_seconds = 0.0

    def __call__(self) -> float:
        return self._real() + self._offset_seconds

    def advance(self, seconds: float) -> None:
        self._offset_seconds += seconds


class _LambdaContext:
    """What Lambda hands to a function."""

    def __init__(self, request_id: str, seconds: float) -> None:
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(1000 * (self._deadline - time.monotonic())))


class _AwsCallRecorder:
    """Calls of AWS's services, as the SDK makes them."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def register(self, session: Any) -> None:
        session.register("before-parameter-build", self._on_request)
        session.register("after-call", self._on_response)

    def _on_request(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service = str(model.service_model.service_name)
        item = params.get("Item")
        self.calls.append(
            {
                "service": service,
                "operation": model.name,
                "at_cpu_seconds": time.process_time(),
                "written_key": item["pk"]["S"] if item else "",
                "written_bytes": _compute_item_bytes(item) if item else 0,
                "read_bytes": 0,
            }
        )

    def _on_response(self, parsed: dict[str, Any], **_: Any) -> None:
        batch = [item for items in parsed.get("Responses", {}).values() for item in items]
        items = [*batch, *parsed.get("Items", []), *([parsed["Item"]] if "Item" in parsed else [])]
        if items:
            self.calls[-1]["read_bytes"] = sum(map(_compute_item_bytes, items))


def _compute_item_bytes(item: dict[str, dict[str, str]]) -> int:
    """Return an item's size as DynamoDB reckons it: the lengths of names and values; numbers are a little shorter."""
    return sum(len(name.encode()) + sum(len(text.encode()) for text in value.values()) for name, value in item.items())


def _read_peak_memory_megabytes() -> float:
    # Not getrusage: what it tells includes the peak of the process this one was started from.
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("the kernel tells no peak memory (VmHWM)")


def _compute_single_round_seconds(plan: dict[str, Any]) -> float:
    """Return how long an invocation may run so that the controller makes one round: no second one would be in time."""
    return float(plan["interval_seconds"]) + 4


def _measure_baseline() -> dict[str, Any]:
    watch = _Stopwatch()
    import boto3  # noqa: PLC0415 - the import is what is measured

    boto3.client("dynamodb", region_name=os.environ["AWS_REGION"])
    return {"import": watch.read()}


def _measure_cold_start(plan: dict[str, Any]) -> dict[str, Any]:
    watch = _Stopwatch()
    import app  # type: ignore[import-not-found] # noqa: PLC0415 - the function; it is found through PLAN

    imported = watch.read()
    watch = _Stopwatch()
    app.handler(plan["event"], _LambdaContext("first", _compute_single_round_seconds(plan)))
    return {"import": imported, "first": watch.read()}


def _measure_minute(plan: dict[str, Any]) -> dict[str, Any]:
    import botocore  # noqa: PLC0415 - comes with the layer

    calls = _AwsCallRecorder()
    botocore.register_initializer(calls.register)
    time.time = clock = _AdjustableClock()
    cold = _measure_cold_start(plan)
    import app  # noqa: PLC0415 - as above

    _run_rounds(app, plan, clock, plan["rounds"])
    calls.calls.clear()
    print("the minute begins", flush=True)  # noqa: T201 - parts the log of the first invocation from the minute's
    watch = _Stopwatch()
    app.handler(plan["event"], _LambdaContext("minute", FUNCTION_TIMEOUT_SECONDS))
    return {**cold, "minute": watch.read(), "calls": calls.calls}


def _measure_with_cpu_share(plan: dict[str, Any]) -> dict[str, Any]:
    time.time = clock = _AdjustableClock()
    cold = _measure_cold_start(plan)
    import app  # noqa: PLC0415 - as above

    print("the minute begins", flush=True)  # noqa: T201 - parts the log of what is held to a share from what is not
    holder = subprocess.Popen([sys.executable, *plan["holder"], str(os.getpid()), str(plan["share"])])  # noqa: S603 - ours
    try:
        _run_rounds(app, plan, clock, plan["rounds"])
    finally:
        holder.kill()
        holder.wait()
    return cold


def _run_rounds(app: Any, plan: dict[str, Any], clock: _AdjustableClock, count: int) -> None:
    """Make rounds an interval apart, without waiting."""
    for number in range(count):
        clock.advance(plan["interval_seconds"])
        app.handler(plan["event"], _LambdaContext(f"round-{number}", _compute_single_round_seconds(plan)))
    clock.advance(plan["interval_seconds"])


def main() -> None:
    """Measure as planned."""
    plan = json.loads(sys.argv[1])
    sys.path.insert(0, plan["guest"])
    import sitecustomize  # type: ignore[import-not-found] # noqa: F401, PLC0415 - the sandbox's network; Python would import it by itself but for -S

    # The sandbox resolves names in this process and in Python: that is not the function's work.
    socket.getaddrinfo = cache(socket.getaddrinfo)
    sys.path[:1] = plan["path"]
    match plan["kind"]:
        case "baseline":
            figures = _measure_baseline()
        case "cold":
            figures = _measure_cold_start(plan)
        case "share":
            figures = _measure_with_cpu_share(plan)
        case _:
            figures = _measure_minute(plan)
    figures["peak_memory_megabytes"] = _read_peak_memory_megabytes()
    Path(plan["result"]).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
