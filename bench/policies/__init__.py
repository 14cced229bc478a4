"""The compared policies: the controller, its peers, and an oracle."""
