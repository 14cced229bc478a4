"""Secrets Manager's rotation, which the engine lacks."""

from sandbox.secretsmanager.rotations import Rotations

__all__ = ["Rotations"]
