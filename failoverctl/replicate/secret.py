"""The canary's secret: in the primary Region, where passwords are set, and replicated to whoever signs in."""

import json
from dataclasses import dataclass, field
from typing import Any

from failover.rotation.password import new_password
from failoverctl.replicate.canary import find_user
from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.signing_in import signs_in
from failoverctl.replicate.site import Pool, Site, canaries
from failoverctl.replicate.step import Finding, Meaning, Patience, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the secret holds; never shown.

    Attributes
    ----------
    arn
        The secret's.
    content
        Its fields, see `wanted_content`.

    """

    arn: str
    content: dict[str, str] = field(repr=False)


def read_secret(site: Site, pool: Pool) -> Held | None:
    """Return the canary's secret; None if there is none.

    Raises
    ------
    RefusedError
        If its name is taken by something else, or it is on its way to deletion.

    """
    store, name = site.client("secretsmanager", site.wish.primary), site.secret_name(pool["Id"])
    try:
        found = store.get_secret_value(SecretId=name)
    except store.exceptions.ResourceNotFoundException:
        return None
    except store.exceptions.InvalidRequestException as error:
        said = error.response["Error"]["Message"].rstrip(".")
        raise RefusedError(
            f"The secret {name} can't be read: {said}. Restore it if it is being deleted, or give a --secret-name."
        ) from None
    try:
        content = json.loads(found.get("SecretString", ""))
    except ValueError:
        content = None  # the decoder's error quotes the text, so it must not become a cause
    of_pool = content.get("user_pool_id", pool["Id"]) if isinstance(content, dict) else None
    if of_pool != pool["Id"] or content.get("username") not in canaries(pool):
        raise RefusedError(f"The secret {name} is not that of this pool's canary. Give --secret-name another name.")
    return Held(arn=found["ARN"], content=content)


def wanted_content(site: Site, pool: Pool, held: Held | None) -> dict[str, str]:
    """Return what the secret is to hold: what the probes read, and what a rotation needs to know.

    ``username``, ``password`` and ``sub`` are of the user that signs in, ``idle_username`` is the other one's name.
    """
    username = held.content["username"] if held else canaries(pool)[0]
    known = find_user(site.primary, pool["Id"], username)
    sub = known[0] if known else ""
    same = held is not None and held.content.get("sub") == sub
    password = held.content.get("password") if held and same else None
    return {
        "username": username,
        "password": password or new_password(),
        "sub": sub,
        "idle_username": next(name for name in canaries(pool) if name != username),
        "user_pool_id": pool["Id"],
        "client_id": site.client_id(pool["Id"]) or "",
    }


class CanarySecret:
    """The secret."""

    meaning = Meaning(
        name="secret",
        why="The probes read name and password from it. The password is made here and shown to nobody.",
        costs="About $0.40 a month for the secret, and as much for each of its replicas.",
    )
    patience = Patience(seconds=30)

    def look(self, site: Site) -> Finding:
        """See whether it is there and whole."""
        pool = site.pool()
        if pool is None:
            return Finding(state=State.CHANGE, found="no pool yet", wanted="a secret that is named after the pool")
        held = read_secret(site, pool)
        if held is None:
            name = site.secret_name(pool["Id"])
            return Finding(state=State.CHANGE, found=f"no secret {name} in {site.wish.primary}", wanted="one")
        if held.content != wanted_content(site, pool, held):
            return Finding(
                state=State.CHANGE, found=f"{held.arn} lacks a field, or has an old one", wanted="all fields"
            )
        return Finding(state=State.DONE, found=held.arn)

    def change(self, site: Site) -> None:
        """Create it, or set it right."""
        pool = site.existing_pool()
        held = read_secret(site, pool)
        text = json.dumps(wanted_content(site, pool, held))
        store = site.client("secretsmanager", site.wish.primary)
        if held is None:
            store.create_secret(
                Name=site.secret_name(pool["Id"]),
                Description=f"The canary of user pool {pool['Id']}, as which sign-in is probed",
                SecretString=text,
            )
        else:
            store.put_secret_value(SecretId=held.arn, SecretString=text)


class Passwords:
    """The users' passwords: the secret's for the one, a lost one for the other."""

    meaning = Meaning(
        name="passwords",
        why="The secret's user signs in with the secret's password. To look, this command signs in as that user.",
    )
    patience = Patience(seconds=0)  # a wrong password is not tried again: Cognito locks out who does

    def look(self, site: Site) -> Finding:
        """Sign in on the primary."""
        pool = site.pool()
        held = read_secret(site, pool) if pool else None
        client_id = site.client_id(pool["Id"]) if pool else None
        statuses = self._statuses(site, pool) if pool else {}
        if pool is None or held is None or client_id is None or not all(statuses.values()):
            return Finding(state=State.CHANGE, found="no password yet", wanted="the secret's")
        resting = held.content.get("idle_username", "")
        if statuses.get(resting) != "CONFIRMED":
            return Finding(state=State.CHANGE, found=f"{resting} has no password of its own", wanted="one")
        if not signs_in(site.primary, client_id, held.content):
            return Finding(
                state=State.CHANGE,
                found=f"{held.content['username']} can't sign in in {site.wish.primary} with the secret's password",
                wanted="the secret's password",
            )
        return Finding(state=State.DONE, found=f"{held.content['username']} signs in in {site.wish.primary}")

    @staticmethod
    def _statuses(site: Site, pool: Pool) -> dict[str, str]:
        """Return the users' statuses; empty for one that isn't there."""
        found = {name: find_user(site.primary, pool["Id"], name) for name in canaries(pool)}
        return {name: known[1] if known else "" for name, known in found.items()}

    def change(self, site: Site) -> None:
        """Set them; that of the user at rest only if it has none, since a rotation may be on its way."""
        pool = site.existing_pool()
        held = read_secret(site, pool)
        if held is None:
            raise RefusedError("The canary's secret is not there any more.")
        passwords = {held.content["username"]: held.content["password"]}
        resting = held.content["idle_username"]
        if self._statuses(site, pool)[resting] != "CONFIRMED":
            passwords[resting] = new_password()
        for name, password in passwords.items():
            site.primary.admin_set_user_password(
                UserPoolId=pool["Id"], Username=name, Password=password, Permanent=True
            )


class SecretReplicas:
    """The secret in every Region from which somebody signs in."""

    meaning = Meaning(
        name="secret-replicas",
        why="The controller reads the secret in the standby Region, each observer in its own.",
        costs="About $0.40 a month for each.",
    )
    patience = Patience(seconds=300)

    def look(self, site: Site) -> Finding:
        """See whether it is there, and in step."""
        pool = site.pool()
        regions = ", ".join(site.wish.secret_regions)
        if pool is None or read_secret(site, pool) is None:
            return Finding(state=State.CHANGE, found="no secret yet", wanted=f"replicas of it in {regions}")
        statuses = self._statuses(site, pool)
        missing = [region for region in site.wish.secret_regions if region not in statuses]
        if missing:
            return Finding(
                state=State.CHANGE, found=f"no replica of the secret in {', '.join(missing)}", wanted="one in each"
            )
        for region in site.wish.secret_regions:
            if statuses[region]["Status"] in {"Failed", "Detached"}:
                name = site.secret_name(pool["Id"])
                said = statuses[region].get("StatusMessage", "Secrets Manager says no more").rstrip(".")
                raise RefusedError(
                    f"The secret's replica in {region} is {statuses[region]['Status']}: {said}. Remove what is in its "
                    f"way there, then: aws secretsmanager remove-regions-from-replication --secret-id {name} --region "
                    f"{site.wish.primary} --remove-replica-regions {region}; then run this again."
                )
        late = [region for region in site.wish.secret_regions if statuses[region]["Status"] != "InSync"]
        if late:
            return Finding(state=State.WAIT, found=f"the secret is on its way to {', '.join(late)}")
        return Finding(state=State.DONE, found=f"in {regions}, in step")

    @staticmethod
    def _statuses(site: Site, pool: Pool) -> dict[str, dict[str, Any]]:
        store = site.client("secretsmanager", site.wish.primary)
        described = store.describe_secret(SecretId=site.secret_name(pool["Id"]))
        return {status["Region"]: status for status in described.get("ReplicationStatus", [])}

    def change(self, site: Site) -> None:
        """Replicate it to the Regions that lack it."""
        pool = site.existing_pool()
        statuses = self._statuses(site, pool)
        missing = [{"Region": region} for region in site.wish.secret_regions if region not in statuses]
        site.client("secretsmanager", site.wish.primary).replicate_secret_to_regions(
            SecretId=site.secret_name(pool["Id"]), AddReplicaRegions=missing
        )
