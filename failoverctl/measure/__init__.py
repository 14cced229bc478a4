"""Measurements of what the code assumes and AWS does not document, on a deployed stack.

Each measurement is an entry of `registry.py`: a question, the resources it creates, the assumptions of the code, and
what to change if one is violated. Its records, health checks, buckets and users are separate, so it does not affect
users' traffic. The exception is `managed_login.py`.
"""
