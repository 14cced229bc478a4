"""The policies that are compared: the controller, its peers, and an oracle."""
