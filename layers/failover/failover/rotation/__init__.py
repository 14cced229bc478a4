"""The rotation of the canary's password: two users in turn, so that no probe ever meets a wrong one."""
