"""The format of a stage's access log lines."""

import json
import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(context(?:\.\w+)+)")


def format_line(format_text: str, variables: Mapping[str, object]) -> str:
    """Return a log line with the values of ``$context`` variables, and a dash for variables without a value."""

    def format_value(found: re.Match[str]) -> str:
        value = variables.get(found[1])
        return "-" if value is None else json.dumps(str(value))[1:-1]

    return _VARIABLE.sub(format_value, format_text)
