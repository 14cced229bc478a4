"""The process that is measured. It is run with the standard library and what Lambda would find, and nothing else.

``python -I -S -B running_subject.py PLAN`` where PLAN is JSON:

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

INVOCATION_SECONDS = 118.0
"""The function's timeout in the template."""


class _Watch:
    """Wall and processor seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"wall_seconds": time.perf_counter() - self._wall, "cpu_seconds": time.process_time() - self._cpu}


class _Clock:
    """The time of day, which can be put forward; the function takes it for the time."""

    def __init__(self) -> None:
        self._real = time.time
        self._ahead_seconds = 0.0

    def __call__(self) -> float:
        return self._real() + self._ahead_seconds

    def put_forward(self, seconds: float) -> None:
        self._ahead_seconds += seconds


class _Context:
    """What Lambda hands to a function."""

    def __init__(self, request_id: str, seconds: float) -> None:
        self.aws_request_id = request_id
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(1000 * (self._until - time.monotonic())))


class _Calls:
    """Calls of AWS's services, as the SDK makes them."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []

    def follow(self, session: Any) -> None:
        session.register("before-parameter-build", self._note)
        session.register("after-call", self._note_answer)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service = str(model.service_model.service_name)
        item = params.get("Item")
        self.made.append(
            {
                "service": service,
                "operation": model.name,
                "at_cpu_seconds": time.process_time(),
                "written_key": item["pk"]["S"] if item else "",
                "written_bytes": _item_bytes(item) if item else 0,
                "read_bytes": 0,
            }
        )

    def _note_answer(self, parsed: dict[str, Any], **_: Any) -> None:
        batch = [item for items in parsed.get("Responses", {}).values() for item in items]
        items = [*batch, *parsed.get("Items", []), *([parsed["Item"]] if "Item" in parsed else [])]
        if items:
            self.made[-1]["read_bytes"] = sum(map(_item_bytes, items))


def _item_bytes(item: dict[str, dict[str, str]]) -> int:
    """Return an item's size as DynamoDB reckons it: the lengths of names and values; numbers are a little shorter."""
    return sum(len(name.encode()) + sum(len(text.encode()) for text in value.values()) for name, value in item.items())


def _peak_memory_megabytes() -> float:
    # Not getrusage: what it tells includes the peak of the process this one was started from.
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("the kernel tells no peak memory (VmHWM)")


def _seconds_for_one_round(plan: dict[str, Any]) -> float:
    """Return how long an invocation may run so that the controller makes one round: no second one would be in time."""
    return float(plan["interval_seconds"]) + 4


def _baseline() -> dict[str, Any]:
    watch = _Watch()
    import boto3  # noqa: PLC0415 - the import is what is measured

    boto3.client("dynamodb", region_name=os.environ["AWS_REGION"])
    return {"import": watch.read()}


def _cold(plan: dict[str, Any]) -> dict[str, Any]:
    watch = _Watch()
    import app  # type: ignore[import-not-found] # noqa: PLC0415 - the function; it is found through PLAN

    imported = watch.read()
    watch = _Watch()
    app.handler(plan["event"], _Context("first", _seconds_for_one_round(plan)))
    return {"import": imported, "first": watch.read()}


def _minute(plan: dict[str, Any]) -> dict[str, Any]:
    import botocore  # noqa: PLC0415 - comes with the layer

    calls = _Calls()
    botocore.register_initializer(calls.follow)
    time.time = clock = _Clock()
    cold = _cold(plan)
    import app  # noqa: PLC0415 - as above

    _make_rounds(app, plan, clock, plan["rounds"])
    calls.made.clear()
    print("the minute begins", flush=True)  # noqa: T201 - parts the log of the first invocation from the minute's
    watch = _Watch()
    app.handler(plan["event"], _Context("minute", INVOCATION_SECONDS))
    return {**cold, "minute": watch.read(), "calls": calls.made}


def _share(plan: dict[str, Any]) -> dict[str, Any]:
    time.time = clock = _Clock()
    cold = _cold(plan)
    import app  # noqa: PLC0415 - as above

    print("the minute begins", flush=True)  # noqa: T201 - parts the log of what is held to a share from what is not
    holder = subprocess.Popen([sys.executable, *plan["holder"], str(os.getpid()), str(plan["share"])])  # noqa: S603 - ours
    try:
        _make_rounds(app, plan, clock, plan["rounds"])
    finally:
        holder.kill()
        holder.wait()
    return cold


def _make_rounds(app: Any, plan: dict[str, Any], clock: _Clock, count: int) -> None:
    """Make rounds an interval apart, without waiting."""
    for number in range(count):
        clock.put_forward(plan["interval_seconds"])
        app.handler(plan["event"], _Context(f"round-{number}", _seconds_for_one_round(plan)))
    clock.put_forward(plan["interval_seconds"])


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
            figures = _baseline()
        case "cold":
            figures = _cold(plan)
        case "share":
            figures = _share(plan)
        case _:
            figures = _minute(plan)
    figures["peak_memory_megabytes"] = _peak_memory_megabytes()
    Path(plan["result"]).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
