"""The measured process. It runs with only the standard library, the function and the layer, as on Lambda.

``python -I -S -B measured_process.py PLAN`` where PLAN is JSON:

``guest``
    The folder of the module that redirects the process's network into the sandbox.
``path``
    The import path, as on Lambda: the folders of the function and of the layer.
``kind``
    ``baseline`` (plain boto3 and one client), ``cold`` (a function's import and first invocation), ``minute`` (then
    rounds without waiting and a whole scheduled invocation) or ``share`` (then rounds with a share of a processor).
``event``
    The function's event.
``interval_seconds``
    Seconds between the controller's rounds.
``share``, ``rounds``, ``holder``
    The share, the number of rounds, and the arguments of the Python that limits this process to the share.
``result``
    The output file of the figures.
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
    """Measures wall and processor seconds since its creation."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"wall_seconds": time.perf_counter() - self._wall, "cpu_seconds": time.process_time() - self._cpu}


class _AdjustableClock:
    """A clock that replaces ``time.time`` and can be advanced."""

    def __init__(self) -> None:
        self._real = time.time
        self._offset_seconds = 0.0

    def __call__(self) -> float:
        return self._real() + self._offset_seconds

    def advance(self, seconds: float) -> None:
        self._offset_seconds += seconds


class _LambdaContext:
    """A stand-in for Lambda's context object."""

    def __init__(self, request_id: str, seconds: float) -> None:
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(1000 * (self._deadline - time.monotonic())))


class _AwsCallRecorder:
    """Records the SDK's calls to AWS."""

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
    """Return an item's size as DynamoDB counts it: lengths of names and values. Numbers are a little shorter there."""
    return sum(len(name.encode()) + sum(len(text.encode()) for text in value.values()) for name, value in item.items())


def _read_peak_memory_megabytes() -> float:
    # Not getrusage: its value includes the peak of the parent process.
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("the kernel does not report the peak memory (VmHWM)")


def _compute_single_round_seconds(plan: dict[str, Any]) -> float:
    """Return an invocation's remaining time, in seconds, that leaves room for exactly one round."""
    return float(plan["interval_seconds"]) + 4


def _measure_baseline() -> dict[str, Any]:
    watch = _Stopwatch()
    import boto3  # noqa: PLC0415 - this import is measured

    boto3.client("dynamodb", region_name=os.environ["AWS_REGION"])
    return {"import": watch.read()}


def _measure_cold_start(plan: dict[str, Any]) -> dict[str, Any]:
    watch = _Stopwatch()
    import app  # type: ignore[import-not-found] # noqa: PLC0415 - the function, on the import path from PLAN

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
    print("the minute begins", flush=True)  # noqa: T201 - separates the two logs
    watch = _Stopwatch()
    app.handler(plan["event"], _LambdaContext("minute", FUNCTION_TIMEOUT_SECONDS))
    return {**cold, "minute": watch.read(), "calls": calls.calls}


def _measure_with_cpu_share(plan: dict[str, Any]) -> dict[str, Any]:
    time.time = clock = _AdjustableClock()
    cold = _measure_cold_start(plan)
    import app  # noqa: PLC0415 - as above

    print("the minute begins", flush=True)  # noqa: T201 - separates the two logs
    holder = subprocess.Popen([sys.executable, *plan["holder"], str(os.getpid()), str(plan["share"])])  # noqa: S603 - ours
    try:
        _run_rounds(app, plan, clock, plan["rounds"])
    finally:
        holder.kill()
        holder.wait()
    return cold


def _run_rounds(app: Any, plan: dict[str, Any], clock: _AdjustableClock, count: int) -> None:
    """Run rounds one interval apart, without waiting."""
    for number in range(count):
        clock.advance(plan["interval_seconds"])
        app.handler(plan["event"], _LambdaContext(f"round-{number}", _compute_single_round_seconds(plan)))
    clock.advance(plan["interval_seconds"])


def main() -> None:
    """Measure according to PLAN and write the figures."""
    plan = json.loads(sys.argv[1])
    sys.path.insert(0, plan["guest"])
    import sitecustomize  # type: ignore[import-not-found] # noqa: F401, PLC0415 - the sandbox's network; -S disables the automatic import

    # The sandbox resolves names in this process, in Python. Cache it: that is not work of the function.
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
