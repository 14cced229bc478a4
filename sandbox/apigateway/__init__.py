"""Amazon API Gateway's REST APIs behind Regional domains: what is deployed is what serves."""

from sandbox.apigateway.gateway import Gateway

__all__ = ["Gateway"]
