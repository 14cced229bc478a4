"""One move of users: its plan, its life, its steps, and the latches it sets."""
