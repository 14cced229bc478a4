"""Secrets Manager's rotation, in front of an engine that only pretends to rotate."""

from sandbox.secretsmanager.rotations import Rotations

__all__ = ["Rotations"]
