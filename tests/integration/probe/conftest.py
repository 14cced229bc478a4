"""HTTPS servers on loopback that play two Regions, their targets and a witness."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from cognito_failover.probe.https_client import HttpsEndpoint
from cognito_failover.settings.controller import Settings
from tests.integration.probe.stub_servers import DOMAIN, KID, NOW, ProbeCertificateAuthority, StubResponse, StubServer
from tests.integration.probe.unresponsive_addresses import SaturatedListener


@pytest.fixture
def saturated_listener() -> Iterator[SaturatedListener]:
    with closing(SaturatedListener()) as listener:
        yield listener


def _make_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory, signing_key: rsa.RSAPrivateKey) -> ProbeCertificateAuthority:
    folder = tmp_path_factory.mktemp("authority")
    valid_from, valid_until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=1)

    def issue_certificate(subject: str) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_make_name(subject))
            .issuer_name(_make_name("probe tests"))
            .public_key(signing_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid_from)
            .not_valid_after(valid_until)
        )

    root = (
        issue_certificate("probe tests")
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signing_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(signing_key, hashes.SHA256())
    )
    bundle = folder / "ca.pem"
    bundle.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    key_file = folder / "key.pem"
    key_file.write_bytes(
        signing_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )

    def make_context(server_name: str) -> ssl.SSLContext:
        leaf = (
            issue_certificate(server_name)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(server_name)]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
            .sign(signing_key, hashes.SHA256())
        )
        chain = folder / f"{server_name}.pem"
        chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key_file)
        return context

    return ProbeCertificateAuthority(
        client_context=ssl.create_default_context(cafile=bundle), server_context=make_context, bundle=bundle
    )


@pytest.fixture
def serve(authority: ProbeCertificateAuthority) -> Iterator[Callable[[str], StubServer]]:
    """Yield a function that starts a server with a certificate for a name. Its endpoint may use another name."""
    listeners: list[ThreadingHTTPServer] = []

    def start(certified_name: str, server_name: str = "") -> StubServer:
        class ScriptedHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._respond(self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                self._respond(b"{}")

            def _respond(self, request_body: bytes) -> None:
                body = json.loads(request_body)
                server.requests.append(body)
                server.hosts.append(self.headers["Host"])
                server.user_agents.append(self.headers["User-Agent"])
                status, fields = server.respond(self.path, body)
                response_body = json.dumps(fields).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(response_body)))
                self.end_headers()
                self.wfile.write(response_body)

            def log_message(self, *_: Any) -> None:
                """Keep the test's output quiet."""

        class QuietServer(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Ignore disconnected clients: some tests disconnect."""

        listener = QuietServer(("127.0.0.1", 0), ScriptedHandler)
        listener.socket = authority.server_context(certified_name).wrap_socket(
            listener.socket, server_side=True, do_handshake_on_connect=False
        )
        port = listener.server_address[1]
        server = StubServer(
            endpoint=HttpsEndpoint(host="127.0.0.1", port=port, server_name=server_name or certified_name)
        )
        threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        listeners.append(listener)
        return server

    yield start
    for listener in listeners:
        listener.shutdown()
        listener.server_close()


@pytest.fixture
def settings() -> Settings:
    return Settings(
        primary_region="ap-northeast-1",
        standby_region="us-east-1",
        user_pool_id="ap-northeast-1_abc",
        client_id="client",
        canary_secret_arn="arn:aws:secretsmanager:us-east-1:000000000000:secret:canary",
        hosted_zone_id="Z1",
        domain_name=DOMAIN,
        primary_target="tokyo.example.net",
        standby_target="virginia.example.net",
        connect_timeout_seconds=2.0,
        read_timeout_seconds=1.0,
        probe_deadline_seconds=6.0,
        table_name="table",
        topic_arn="arn:aws:sns:us-east-1:000000000000:topic",
    )


@pytest.fixture
def jwks(signing_key: rsa.RSAPrivateKey) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key.public_key(), as_dict=True)
    return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}


@pytest.fixture
def sign_in_response(settings: Settings, signing_key: rsa.RSAPrivateKey) -> Callable[..., StubResponse]:
    """Return a function that responds to a login as Cognito does to a correct password."""

    def respond(_path: str = "/", _body: dict[str, Any] | None = None, *, subject: str = "sub-1") -> StubResponse:
        shared = {"iss": settings.expected_issuer, "sub": subject, "exp": NOW + 3600}
        claims = {
            "IdToken": {**shared, "aud": settings.client_id, "token_use": "id"},
            "AccessToken": {**shared, "client_id": settings.client_id, "token_use": "access"},
        }
        return 200, {
            "AuthenticationResult": {
                name: jwt.encode(payload, signing_key, algorithm="RS256", headers={"kid": KID})
                for name, payload in claims.items()
            }
        }

    return respond
