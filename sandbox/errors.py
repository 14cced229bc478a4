"""A refusal of what somebody sent to the control endpoint."""


class InvalidFieldError(ValueError):
    """A field that makes no sense: the message names it, what it allows, and an example."""

    def __init__(self, field: str, problem: str, allowed: str, example: str) -> None:
        super().__init__(f"{field}: {problem}; allowed: {allowed}; for example {example}")
        self.field = field
