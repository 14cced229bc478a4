import pytest

from sandbox.addresses import AddressError, SandboxNetwork

NETWORK = SandboxNetwork.for_regions("127.10", "ap-northeast-1", "us-east-1", ("eu-west-1", "us-west-2"))


def test_regions_are_numbered_primary_standby_then_third() -> None:
    assert [NETWORK.get_api_address(region) for region in NETWORK.regions] == [
        "127.10.1.1",
        "127.10.2.1",
        "127.10.3.1",
        "127.10.4.1",
    ]


def test_missing_control_plane_region_is_added() -> None:
    network = SandboxNetwork.for_regions("127.10", "eu-west-1", "eu-central-1", ("us-west-2",))
    assert network.regions == ("eu-west-1", "eu-central-1", "us-west-2", "us-east-1")


def test_third_region_in_the_pair_is_left_out() -> None:
    network = SandboxNetwork.for_regions("127.10", "eu-west-1", "us-east-1", ("eu-west-1", "us-west-2"))
    assert network.regions == ("eu-west-1", "us-east-1", "us-west-2")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("cognito-idp.ap-northeast-1.amazonaws.com", "127.10.1.1"),
        ("ISSUER-cognito-idp.ap-northeast-1.amazonaws.com.", "127.10.1.1"),
        ("bucket.s3.us-east-1.amazonaws.com", "127.10.2.1"),
        ("route53.amazonaws.com", "127.10.2.1"),
        ("bucket.s3.amazonaws.com", "127.10.2.1"),
        ("cognito-idp.sa-east-1.amazonaws.com", None),
        ("ap-northeast-1.amazonaws.com", None),
        ("amazonaws.com", None),
        ("cognito-idp.ap-northeast-1.amazonaws.com.evil.example", None),
        ("example.com", None),
        ("d-0a1b2c3d4e.execute-api.us-east-1.amazonaws.com", "127.10.2.3"),
    ],
)
def test_service_names_resolve_to_their_region_only(name: str, address: str | None) -> None:
    assert NETWORK.resolve_service(name) == address


def test_caller_is_inside_a_region_by_its_source_address() -> None:
    assert NETWORK.find_caller_region("127.10.2.2") == "us-east-1"
    assert NETWORK.find_caller_region("127.0.0.1") is None
    assert NETWORK.find_caller_region("127.10.2.1") is None


@pytest.mark.parametrize("prefix", ["10.0", "127.0", "127.256", "127.10.1", "localhost"])
def test_network_outside_loopback_is_rejected(prefix: str) -> None:
    with pytest.raises(AddressError, match=prefix):
        SandboxNetwork(prefix, ("us-east-1",))


def test_same_primary_and_standby_is_rejected() -> None:
    with pytest.raises(AddressError, match="both us-east-1"):
        SandboxNetwork.for_regions("127.10", "us-east-1", "us-east-1", ())


def test_unknown_region_error_lists_known_regions() -> None:
    with pytest.raises(AddressError, match=r"sa-east-1.*ap-northeast-1, us-east-1"):
        NETWORK.get_api_address("sa-east-1")
