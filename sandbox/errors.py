"""The error for an invalid request to the control endpoint."""


class InvalidFieldError(ValueError):
    """An invalid field. The message names the field, the allowed values and an example."""

    def __init__(self, field: str, problem: str, allowed: str, example: str) -> None:
        super().__init__(f"{field}: {problem}; allowed: {allowed}; for example {example}")
        self.field = field
