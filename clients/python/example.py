"""Signs a user in repeatedly, and prints the Region. See docs/clients.md."""

import argparse
import getpass
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cognito_regions import CognitoRegions, RegionLookup

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient as Client


def main() -> None:
    """Sign in once a second, until interrupted or `--times` times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", required=True, help="such as auth.example.com")
    parser.add_argument("--primary", required=True, metavar="REGION")
    parser.add_argument("--standby", required=True, metavar="REGION")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--user", required=True, help="the user name; the password comes from PASSWORD or a prompt")
    parser.add_argument("--times", type=int, default=0, help="number of sign-ins; by default until interrupted")
    options = parser.parse_args()

    password = os.environ.get("PASSWORD") or getpass.getpass()
    region_lookup = RegionLookup(options.domain, regions=(options.primary, options.standby), fallback=options.primary)
    cognito = CognitoRegions(region_lookup, primary_region=options.primary, standby_region=options.standby)

    def sign_in(client: "Client") -> str:
        client.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=options.client_id,
            AuthParameters={"USERNAME": options.user, "PASSWORD": password},
        )
        return client.meta.region_name

    attempts = 0
    while not options.times or attempts < options.times:
        try:
            result = f"signed in to {cognito.sign_in(sign_in)}"
        except (ClientError, BotoCoreError) as error:
            result = f"failed: {error}"
        print(f"{datetime.now(UTC):%H:%M:%S} {result}", flush=True)  # noqa: T201 - the program's output
        attempts += 1
        time.sleep(1)


if __name__ == "__main__":
    main()
