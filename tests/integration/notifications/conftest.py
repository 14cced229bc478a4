"""A local server that stands in for EventBridge, SNS and Parameter Store."""

from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.integration.notifications.endpoints import NotificationEndpoints


@pytest.fixture
def endpoints(monkeypatch: pytest.MonkeyPatch) -> Iterator[NotificationEndpoints]:
    """Yield the endpoints that every new client calls."""
    served = NotificationEndpoints()

    class EndpointHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = served.respond(self.headers.get("X-Amz-Target", ""), body)
            with suppress(ConnectionError):  # some tests let the client time out
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), EndpointHandler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield served
    served.test_ended.set()
    server.shutdown()
    server.server_close()
