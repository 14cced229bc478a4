"""Amazon API Gateway's REST APIs behind Regional domains, served as deployed."""

from sandbox.apigateway.gateway import Gateway

__all__ = ["Gateway"]
