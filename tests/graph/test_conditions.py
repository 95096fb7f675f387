import doctest
from typing import Any

import pytest

from cdk_sagemaker_processing.graph import conditions
from cdk_sagemaker_processing.graph.conditions import describe


def test_the_examples_hold() -> None:
    """Those of its documentation."""
    assert doctest.testmod(conditions).failed == 0


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"Variable": "$.n", "NumericGreaterThanEquals": 3}, "$.n ≥ 3"),
        ({"Variable": "$.n", "NumericLessThanPath": "$.m"}, "$.n < $.m"),
        ({"Variable": "$.b", "BooleanEquals": True}, "$.b = true"),
        ({"Variable": "$.s", "StringMatches": "a*"}, '$.s matches "a*"'),
        ({"Variable": "$.t", "TimestampLessThanEquals": "2026"}, '$.t ≤ "2026"'),
        ({"Variable": "$.x", "IsPresent": False}, "$.x is not present"),
        ({"Variable": "$.x", "IsNumeric": True}, "$.x is numeric"),
        ({"Not": {"Variable": "$.x", "IsNull": True}}, "not $.x is null"),
        ({"Condition": "{% $day = 'Monday' %}", "Next": "A"}, "$day = 'Monday'"),
        (
            {
                "Or": [
                    {"Variable": "$.a", "IsNull": True},
                    {
                        "And": [
                            {"Variable": "$.b", "NumericEquals": 1},
                            {"Variable": "$.c", "NumericEquals": 2},
                        ]
                    },
                ],
                "Next": "A",
                "Comment": "said",
            },
            "$.a is null or ($.b = 1 and $.c = 2)",
        ),
    ],
)
def test_a_rule_reads_as_a_person_would_say_it(rule: dict[str, Any], told: str) -> None:
    """In either query language."""
    assert describe(rule) == told
