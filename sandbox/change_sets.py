"""Change sets that list what a condition adds or removes; the engine compares resources without their conditions."""

from collections.abc import Callable, Mapping
from typing import Any

type ResolveTemplate = Callable[[dict[str, Any], Mapping[str, Any], str, str], dict[str, Any]]


def wrap_resolve_template(
    engine: ResolveTemplate, evaluate_conditions: Callable[..., Mapping[str, bool]]
) -> ResolveTemplate:
    """Return the resolution of a template for a comparison, without resources whose condition does not hold."""

    def resolve(
        template: dict[str, Any], parameters: Mapping[str, Any], stack_name: str, stack_id: str
    ) -> dict[str, Any]:
        if not template:
            return engine(template, parameters, stack_name, stack_id)
        conditions = evaluate_conditions(template, parameters)
        present = {
            logical: resource
            for logical, resource in template.get("Resources", {}).items()
            if conditions.get(resource.get("Condition", ""), True)
        }
        return engine({**template, "Resources": present}, parameters, stack_name, stack_id)

    return resolve
