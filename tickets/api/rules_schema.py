"""Trees of conditions in the description of the API: they hold each other, which serializers cannot say."""

from typing import Any

_GROUP = {"type": "array", "items": {"$ref": "#/components/schemas/RuleMember"}}
_SCHEMAS: dict[str, Any] = {
    "RuleGroup": {
        "type": "object",
        "description": "Conditions of which all, any or none must hold; groups are nested at most three deep.",
        "properties": {"all": _GROUP, "any": _GROUP, "none": _GROUP},
        "additionalProperties": False,
    },
    "RuleMember": {
        "oneOf": [{"$ref": "#/components/schemas/RuleCondition"}, {"$ref": "#/components/schemas/RuleGroup"}],
    },
    "RuleCondition": {
        "type": "object",
        "description": "One condition; `rules/fields/` tells which fields and operators there are.",
        "required": ["field", "op"],
        "properties": {
            "field": {"type": "string"},
            "op": {"type": "string"},
            "value": {"description": "One value or a list of them."},
            "of": {"enum": ["original", "current"], "description": "As the request came in, or as it is now."},
            "case": {"type": "boolean"},
            "accents": {"type": "boolean"},
            "whole": {"type": "boolean"},
            "stem": {"oneOf": [{"type": "boolean"}, {"enum": ["", "en", "fr"]}]},
            "calendar": {"type": "string"},
        },
        "additionalProperties": False,
    },
}


def describe_conditions(result: dict[str, Any], **_others: Any) -> dict[str, Any]:
    """Hook of the generator."""
    result["components"]["schemas"] |= _SCHEMAS
    return result
