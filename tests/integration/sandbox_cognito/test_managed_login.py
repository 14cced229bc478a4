"""Managed login in one Region, and its effects in the other."""

import json

import pytest

from sandbox.cognito.pools import parse_claims
from tests.integration.sandbox_cognito.browser import (
    CALLBACK,
    LoginBrowser,
    create_domain,
    create_web_client,
    parse_body,
    parse_code,
)
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, SignedUpPool, expect_error

NOT_ENABLED = "This operation is not enabled in this region for this User Pool"


@pytest.fixture
def browser(replicated: SignedUpPool) -> LoginBrowser:
    create_domain(replicated)
    client_id = create_web_client(replicated)
    replicated.cloud.clock.advance(20)
    return LoginBrowser(replicated, client_id)


@pytest.mark.parametrize("region", [PRIMARY, STANDBY])
def test_user_signs_in_with_a_code_in_either_region(browser: LoginBrowser, region: str) -> None:
    browser.region = region

    tokens = browser.request_tokens()

    claims = parse_claims(tokens["id_token"])
    assert claims["iss"] == f"https://issuer-cognito-idp.{PRIMARY}.amazonaws.com/{browser.pool.id}"
    assert claims["aud"] == browser.client_id
    user_info = browser.request("GET", "/oauth2/userInfo", authorization=f"Bearer {tokens['access_token']}")
    assert parse_body(user_info)["username"] == "testuser01"
    assert parse_claims(parse_body(browser.refresh_tokens(tokens["refresh_token"]))["access_token"])["client_id"]


def test_code_is_valid_once(browser: LoginBrowser) -> None:
    code = browser.request_code()

    assert browser.exchange_code(code).status == 200
    assert parse_body(browser.exchange_code(code))["error"] == "invalid_grant"


def test_code_is_valid_only_in_its_region(browser: LoginBrowser) -> None:
    code = browser.request_code()

    browser.region = STANDBY
    refusal = browser.exchange_code(code)
    assert (refusal.status, parse_body(refusal)) == (400, {"error": "invalid_grant"})
    browser.region = PRIMARY
    assert browser.exchange_code(code).status == 200


def test_code_expires(browser: LoginBrowser) -> None:
    code = browser.request_code()
    browser.pool.cloud.clock.advance(300)

    assert parse_body(browser.exchange_code(code)) == {"error": "invalid_grant"}


def test_code_needs_its_verifier(browser: LoginBrowser) -> None:
    assert parse_body(browser.exchange_code(browser.request_code(), verifier="another"))["error"] == "invalid_grant"


def test_session_signs_in_without_form_only_in_its_region(browser: LoginBrowser) -> None:
    browser.sign_in()

    again = browser.request("GET", "/oauth2/authorize", browser.authorize_query)
    assert browser.exchange_code(parse_code(again)).status == 200
    browser.region = STANDBY
    elsewhere = browser.request("GET", "/oauth2/authorize", browser.authorize_query)
    assert elsewhere.headers["location"].startswith("/login?")


def test_form_cannot_be_sent_to_the_other_region(browser: LoginBrowser) -> None:
    form = browser.open_login()
    browser.region = STANDBY

    sent = browser.submit_form(form, username="testuser01", password=SignedUpPool.PASSWORD)
    assert (sent.status, b"began elsewhere" in sent.body) == (400, True)


def test_form_cannot_be_sent_by_another_browser(browser: LoginBrowser) -> None:
    form = browser.open_login()

    sent = LoginBrowser(browser.pool, browser.client_id).submit_form(
        form, username="testuser01", password=SignedUpPool.PASSWORD
    )
    assert sent.status == 400


def test_refresh_token_works_in_other_region_after_lag(browser: LoginBrowser) -> None:
    token = browser.request_tokens()["refresh_token"]

    browser.region = STANDBY
    assert parse_body(browser.refresh_tokens(token)) == {"error": "invalid_grant"}
    browser.pool.cloud.clock.advance(20)
    assert browser.refresh_tokens(token).status == 200


def test_revoked_refresh_token_is_invalid(browser: LoginBrowser) -> None:
    token = browser.request_tokens()["refresh_token"]

    assert (
        browser.request("POST", "/oauth2/revoke", form={"token": token, "client_id": browser.client_id}).status == 200
    )
    assert parse_body(browser.refresh_tokens(token))["error"] == "invalid_grant"


def test_wrong_password_shows_form_and_counts_toward_lockout(browser: LoginBrowser) -> None:
    for _ in range(5):
        assert b"Incorrect username or password." in browser.sign_in(password="wrong").body

    assert b"Password attempts exceeded" in browser.sign_in().body
    assert expect_error(lambda: browser.pool.sign_in(PRIMARY))[1] == "Password attempts exceeded"
    browser.region = STANDBY
    assert browser.sign_in().status == 302


def test_first_password_is_changed_on_the_primary_only(browser: LoginBrowser) -> None:
    browser.pool.primary.admin_create_user(
        UserPoolId=browser.pool.id, Username="new", TemporaryPassword="TempPass1!", MessageAction="SUPPRESS"
    )
    browser.pool.cloud.clock.advance(20)

    browser.region = STANDBY
    page = browser.sign_in("new", "TempPass1!")
    assert NOT_ENABLED.encode() in browser.submit_form(page, new_password=SignedUpPool.PASSWORD).body
    browser.region = PRIMARY
    page = browser.sign_in("new", "TempPass1!")
    assert (
        browser.exchange_code(parse_code(browser.submit_form(page, new_password=SignedUpPool.PASSWORD))).status == 200
    )


@pytest.mark.parametrize(
    ("path", "filled"),
    [
        ("/signup", {"username": "somebody", "password": SignedUpPool.PASSWORD, "email": "somebody@example.com"}),
        ("/forgotPassword", {"username": "testuser01"}),
        ("/confirmForgotPassword", {"username": "testuser01", "code": "1", "password": "NewPass123!"}),
    ],
)
def test_secondary_rejects_directory_changes(browser: LoginBrowser, path: str, filled: dict[str, str]) -> None:
    browser.region = STANDBY

    sent = browser.submit_form(browser.request("GET", path, browser.authorize_query), **filled)
    assert (sent.status, NOT_ENABLED.encode() in sent.body) == (400, True)


def test_user_signs_up_on_primary(browser: LoginBrowser) -> None:
    form = browser.request("GET", "/signup", browser.authorize_query)

    sent = browser.submit_form(form, username="somebody", password=SignedUpPool.PASSWORD, email="somebody@example.com")
    assert (sent.status, b"Done." in sent.body) == (200, True)
    user = browser.pool.primary.admin_get_user(UserPoolId=browser.pool.id, Username="somebody")
    assert user["UserStatus"] == "UNCONFIRMED"


def test_region_uses_its_own_copy_of_app_client(browser: LoginBrowser) -> None:
    browser.pool.primary.update_user_pool_client(
        UserPoolId=browser.pool.id,
        ClientId=browser.client_id,
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid", "email"],
        CallbackURLs=["https://new.example.com/"],
    )

    assert browser.request("GET", "/oauth2/authorize", browser.authorize_query).status == 400
    browser.region = STANDBY
    assert browser.request("GET", "/oauth2/authorize", browser.authorize_query).status == 302
    browser.pool.cloud.clock.advance(20)
    assert browser.request("GET", "/oauth2/authorize", browser.authorize_query).status == 400


def test_inactive_replica_rejects_managed_login(browser: LoginBrowser) -> None:
    browser.pool.primary.update_user_pool_replica(UserPoolId=browser.pool.id, RegionName=STANDBY, Status="INACTIVE")
    browser.region = STANDBY

    response = browser.request("GET", "/oauth2/authorize", browser.authorize_query)
    assert (response.status, NOT_ENABLED.encode() in response.body) == (400, True)


def test_client_needs_no_password_flow_for_managed_login(replicated: SignedUpPool) -> None:
    create_domain(replicated)
    srp_only = create_web_client(replicated, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])

    assert LoginBrowser(replicated, srp_only).request_tokens()["access_token"]


def test_logging_out_ends_the_session(browser: LoginBrowser) -> None:
    browser.sign_in()
    cookies = dict(browser.cookies)
    out = browser.request("GET", "/logout", f"client_id={browser.client_id}&logout_uri=https://app.example.com/")
    assert (out.status, out.headers["Location"]) == (302, "https://app.example.com/")
    assert "Max-Age=0;" in out.headers["set-cookie"]

    browser.cookies = cookies
    again = browser.request("GET", "/oauth2/authorize", browser.authorize_query)
    assert again.headers["location"].startswith("/login?")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"client_id": "unknown"}, "Client does not exist."),
        ({"redirect_uri": "https://evil.example.com/"}, "redirect_uri is not allowed"),
        ({"identity_provider": "Google"}, "does not support federated sign-in"),
    ],
)
def test_invalid_authorize_request_is_rejected(browser: LoginBrowser, changed: dict[str, str], words: str) -> None:
    query = "&".join(
        f"{name}={value}"
        for name, value in (
            {"response_type": "code", "client_id": browser.client_id, "redirect_uri": CALLBACK} | changed
        ).items()
    )

    for path in ("/oauth2/authorize", "/login"):
        response = browser.request("GET", path, query)
        assert (response.status, words in response.body.decode()) == (400, True)


def test_unknown_path_is_not_found(browser: LoginBrowser) -> None:
    assert browser.request("GET", "/").status == 404


def test_responses_do_not_reveal_region(browser: LoginBrowser) -> None:
    for region in (PRIMARY, STANDBY):
        browser.region = region
        page = browser.open_login()
        assert region not in json.dumps(dict(page.headers)) + page.body.decode()
