"""The client's side of Cognito's Secure Remote Password exchange (RFC 5054's 3072-bit group)."""

import base64
import hashlib
import hmac

# 2^3072 - 2^3008 - 1 + 2^64 * (floor(2^2942 pi) + 1690314), and its generator: RFC 3526, group 15.
_N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_G = 2
_SECRET = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF  # the client's random number
_TIMESTAMP = "Mon Nov 23 06:00:00 UTC 2026"

PUBLIC = f"{pow(_G, _SECRET, _N):x}"
"""What the client sends first, as ``SRP_A``."""


def build_proof(pool_id: str, password: str, challenge: dict[str, str]) -> dict[str, str]:
    """Return the answer to a PASSWORD_VERIFIER challenge, given its parameters."""
    pool, user = pool_id.partition("_")[2], challenge["USER_ID_FOR_SRP"]
    server = int(challenge["SRP_B"], 16)
    multiplier = _hash_to_int(_to_padded_bytes(_N) + _to_padded_bytes(_G))
    scrambling = _hash_to_int(_to_padded_bytes(int(PUBLIC, 16)) + _to_padded_bytes(server))
    identity = hashlib.sha256(f"{pool}{user}:{password}".encode()).digest()
    private = _hash_to_int(_to_padded_bytes(int(challenge["SALT"], 16)) + identity)
    shared = pow(server - multiplier * pow(_G, private, _N), _SECRET + scrambling * private, _N)
    extracted = hmac.digest(_to_padded_bytes(scrambling), _to_padded_bytes(shared), "sha256")
    key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
    secret_block = base64.b64decode(challenge["SECRET_BLOCK"])
    signature = hmac.digest(key, pool.encode() + user.encode() + secret_block + _TIMESTAMP.encode(), "sha256")
    return {
        "USERNAME": user,
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
        "TIMESTAMP": _TIMESTAMP,
    }


def _hash_to_int(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest())


def _to_padded_bytes(number: int) -> bytes:
    """Return a number's bytes, with a leading zero if it would look negative."""
    return number.to_bytes(number.bit_length() // 8 + 1)
