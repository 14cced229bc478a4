"""One line of a stage's access log, as its format has it."""

import json
import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(context(?:\.\w+)+)")


def format_line(format_text: str, variables: Mapping[str, object]) -> str:
    """Return a line: ``$context`` variables by their value, and a dash for what has none."""

    def format_value(found: re.Match[str]) -> str:
        known = variables.get(found[1])
        return "-" if known is None else json.dumps(str(known))[1:-1]

    return _VARIABLE.sub(format_value, format_text)
