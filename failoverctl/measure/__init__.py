"""What AWS does not document and this project assumes, measured on a stack that is deployed.

A measurement is one entry of `registry.py`: what it asks, what it makes for that, what the code assumes, and what to
change if the answer is another one. It steers nobody's traffic: records, health checks, buckets and users are its own.
"""
