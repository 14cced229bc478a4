"""Amazon Cognito user pools with multi-Region replication, in front of the sandbox's engine."""

from sandbox.cognito.interceptor import Cognito

__all__ = ["Cognito"]
