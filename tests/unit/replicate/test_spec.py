"""Names of secrets that the desired state accepts and refuses."""

import pytest

from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.spec import ReplicationSpec


@pytest.mark.parametrize("name", ["my-canary", "cognito-failover/pool-AbC123", "a-123456"])
def test_secret_name_that_looks_like_the_end_of_an_arn_is_refused(name: str) -> None:
    with pytest.raises(ReplicationRefusedError, match="ends in a hyphen and six characters"):
        ReplicationSpec(pool_id="a_1", primary_region="a", standby_region="b", secret_name=name)


@pytest.mark.parametrize("name", ["", "canary", "the-canaries", "cognito-failover/canary", "my-canary-"])
def test_other_secret_names_are_accepted(name: str) -> None:
    assert ReplicationSpec(pool_id="a_1", primary_region="a", standby_region="b", secret_name=name).secret_name == name
