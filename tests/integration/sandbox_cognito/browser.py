"""A browser for managed login that keeps cookies, and the app that exchanges the code."""

import json
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sandbox.http_messages import EndpointRequest, EndpointResponse
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, InProcessCloud, SignedUpPool

DOMAIN = "login.example.com"
CALLBACK = "https://app.example.com/callback"
_VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-to-allow-it"
_CHALLENGE = urlsafe_b64encode(sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()


def request_certificate(cloud: InProcessCloud, name: str = DOMAIN, region: str = "us-east-1") -> str:
    return str(cloud.client("acm", region).request_certificate(DomainName=name)["CertificateArn"])


def build_failover_routing(region: str = STANDBY, check_id: str = "check") -> dict[str, Any]:
    return {"Failover": {"SecondaryRegion": region, "PrimaryRoute53HealthCheckId": check_id}}


def create_domain(pool: SignedUpPool, name: str = DOMAIN, **changed: Any) -> Any:
    given = {
        "Domain": name,
        "UserPoolId": pool.id,
        "ManagedLoginVersion": 2,
        "CustomDomainConfig": {"CertificateArn": request_certificate(pool.cloud, name)},
        "Routing": build_failover_routing(),
    }
    given = {field: value for field, value in (given | changed).items() if value is not None}
    return pool.primary.create_user_pool_domain(**given)


def create_web_client(pool: SignedUpPool, **settings: Any) -> str:
    """Create an app client for the code grant, on the primary."""
    created = pool.primary.create_user_pool_client(
        UserPoolId=pool.id,
        ClientName="web",
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid", "email"],
        CallbackURLs=[CALLBACK],
        LogoutURLs=["https://app.example.com/"],
        SupportedIdentityProviders=["COGNITO"],
        **settings,
    )
    return str(created["UserPoolClient"]["ClientId"])


class LoginBrowser:
    """Sends requests to ``region``, as the distribution does. ``cookies`` are by name."""

    def __init__(self, pool: SignedUpPool, client_id: str) -> None:
        self.pool = pool
        self.client_id = client_id
        self.region = PRIMARY
        self.cookies: dict[str, str] = {}

    @property
    def authorize_query(self) -> str:
        return urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": CALLBACK,
                "scope": "openid email",
                "state": "s",
                "code_challenge": _CHALLENGE,
                "code_challenge_method": "S256",
            }
        )

    def request(
        self, method: str, path: str, query: str = "", form: dict[str, str] | None = None, **headers: str
    ) -> EndpointResponse:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response = self.pool.cloud.handle(
            EndpointRequest(
                region=self.region,
                caller_region=None,
                account=self.pool.cloud.account,
                service="login",
                operation="",
                method=method,
                path=path,
                query=query,
                headers={"host": DOMAIN, "cookie": cookies, **headers},
                body=urlencode(form or {}).encode(),
                signed=False,
            )
        )
        for name, morsel in SimpleCookie(response.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return response

    def open_login(self) -> EndpointResponse:
        """Follow the app's redirect to the sign-in form."""
        redirect = self.request("GET", "/oauth2/authorize", self.authorize_query)
        location = urlsplit(redirect.headers["location"])
        assert location.path == "/login"
        return self.request("GET", location.path, location.query)

    def submit_form(self, page: EndpointResponse, **filled: str) -> EndpointResponse:
        """Submit a page's form."""
        html = page.body.decode()
        action = re.search(r'action="([^"]*)"', html)
        assert action is not None, html
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', html))
        to = urlsplit(unescape(action[1]))
        return self.request("POST", to.path, to.query, {name: unescape(v) for name, v in hidden.items()} | filled)

    def sign_in(self, username: str = "testuser01", password: str = SignedUpPool.PASSWORD) -> EndpointResponse:
        return self.submit_form(self.open_login(), username=username, password=password)

    def request_code(self) -> str:
        """Sign in and return the authorization code."""
        return parse_code(self.sign_in())

    def exchange_code(self, code: str, verifier: str = _VERIFIER) -> EndpointResponse:
        return self.post_token(
            grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier
        )

    def refresh_tokens(self, refresh_token: str) -> EndpointResponse:
        return self.post_token(grant_type="refresh_token", refresh_token=refresh_token)

    def post_token(self, **form: str) -> EndpointResponse:
        return self.request("POST", "/oauth2/token", form={"client_id": self.client_id, **form})

    def request_tokens(self) -> dict[str, Any]:
        return parse_body(self.exchange_code(self.request_code()))


def parse_code(response: EndpointResponse) -> str:
    assert response.status == 302, response.body
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    assert query["state"] == ["s"]
    return query["code"][0]


def parse_body(response: EndpointResponse) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(response.body)
    return loaded
