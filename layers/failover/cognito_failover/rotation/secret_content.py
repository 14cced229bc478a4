"""Content of the canary's secret, now and after a rotation. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cognito_failover.rotation.errors import RotationError

_FIELDS = ("username", "password", "sub", "idle_username", "user_pool_id", "client_id")

_CREATION_HINT = "failoverctl replicate creates a secret that can be rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySecretContent:
    """Content of one version of the secret.

    Attributes
    ----------
    username, password, sub
        The user that the probes sign in as.
    idle_username
        The other user, which replaces it in a rotation.
    user_pool_id, client_id
        The user pool and app client that both sign in with.
    extra_fields
        Other fields of the secret. A rotation keeps them.

    """

    username: str
    password: str = field(repr=False)
    sub: str
    idle_username: str
    user_pool_id: str
    client_id: str
    extra_fields: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def json_text(self) -> str:
        """The content as Secrets Manager stores it."""
        return json.dumps({name: getattr(self, name) for name in _FIELDS} | dict(self.extra_fields))


def parse_content(text: str) -> CanarySecretContent:
    """Parse the text of a version.

    Raises
    ------
    RotationError
        If it cannot be rotated. The message names the field, never its value.

    """
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None  # the decoder's error quotes the text, so it must not become a cause
    if not isinstance(fields, dict):
        raise RotationError(f"The canary's secret is not a JSON object; {_CREATION_HINT}.")
    for name in _FIELDS:
        if not isinstance(fields.get(name), str) or not fields[name]:
            raise RotationError(f"The canary's secret has no usable {name!r}; {_CREATION_HINT}.")
    if fields["username"] == fields["idle_username"]:
        raise RotationError(f"The canary's secret names one user twice. A rotation needs two; {_CREATION_HINT}.")
    known_fields = {name: fields[name] for name in _FIELDS}
    return CanarySecretContent(
        **known_fields, extra_fields={name: value for name, value in fields.items() if name not in known_fields}
    )


def build_next_content(current: CanarySecretContent, *, sub: str, password: str) -> CanarySecretContent:
    """Return the next version: the two users change places.

    Parameters
    ----------
    current
        The current version.
    sub, password
        The ``sub`` and the new password of its idle user.

    """
    return replace(current, username=current.idle_username, idle_username=current.username, sub=sub, password=password)
