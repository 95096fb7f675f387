"""Findings against acknowledgements."""

import pytest

from security.findings import Acknowledgement, Evaluation, Finding, Judgement, judge

NAG = "AwsSolutions"


def finding(rule: str = "S1", path: str = "Prod/Storage/Outputs/Resource") -> Finding:
    """What a tool could have found."""
    return Finding(NAG, rule, path, "It is open.")


def acknowledgement(
    rule: str = "S1", path: str = "Prod/Storage", reason: str = "meant"
) -> Acknowledgement:
    """What code could acknowledge."""
    return Acknowledgement(path, f"{NAG}::{rule}", reason)


@pytest.mark.parametrize("path", ["Prod/Storage/Outputs/Resource", "Prod/Storage", "Prod"])
def test_an_acknowledgement_holds_for_a_construct_and_those_in_it(path: str) -> None:
    """It is given at the resource or at any construct around it."""
    assert acknowledgement(path=path).covers(finding())


@pytest.mark.parametrize("path", ["Prod/Stor", "Prod/Storage/EventLogs", "Storage", ""])
def test_an_acknowledgement_holds_nowhere_else(path: str) -> None:
    """A construct beside it, or one whose path begins alike, is not covered."""
    assert not acknowledgement(path=path).covers(finding())


def test_an_acknowledgement_is_of_one_tool() -> None:
    """The same rule's id of another tool is another rule."""
    assert not Acknowledgement("Prod", "cfn-lint::S1", "meant").covers(finding())


@pytest.mark.parametrize(
    ("written", "covered"),
    [
        ("IAM5[Resource::a/*]", True),
        ("IAM5[Resource::*]", False),
        ("IAM5[/Resource::a/.*/]", True),
        ("IAM5[/Resource::b/.*/]", False),
        # The whole of it must match.
        ("IAM5[/Resource/]", False),
        ("IAM4[/.*/]", False),
        ("IAM5", False),
    ],
)
def test_what_is_in_brackets_must_match(written: str, covered: bool) -> None:
    """A star is a star; only an expression between slashes stands for several."""
    assert acknowledgement(written).covers(finding("IAM5[Resource::a/*]")) is covered


def test_a_rules_spaces_are_written_as_the_cdk_writes_them() -> None:
    """The CDK records ids without spaces."""
    assert acknowledgement("Some-rule").covers(finding("Some rule"))


def judged(*acknowledgements: Acknowledgement, stack: str = "app") -> Judgement:
    """One finding in one stack, held against the acknowledgements of another or the same."""
    found = [Evaluation(NAG, "app", 1, [finding()])]
    return judge(found, {stack: acknowledgements})


def test_what_is_not_acknowledged_fails() -> None:
    """A finding with no answer is told with its stack."""
    judgement = judged()

    assert not judgement.holds
    assert judgement.unanswered == [("app", finding())]


def test_what_is_acknowledged_holds() -> None:
    """A finding is told with its answer."""
    judgement = judged(acknowledgement())

    assert judgement.holds
    assert judgement.answered == [("app", finding(), acknowledgement())]


def test_an_acknowledgement_is_of_its_own_stack() -> None:
    """What one stack acknowledges is no answer in another, whose paths may be the same."""
    assert judged(acknowledgement(), stack="other").unanswered == [("app", finding())]


def test_an_acknowledgement_that_answers_nothing_is_told() -> None:
    """It was mended, or never there."""
    stale = acknowledgement("S2")
    judgement = judged(acknowledgement(), stale)

    assert not judgement.holds
    assert judgement.unused == [stale]


def test_an_acknowledgement_given_in_many_places_is_needed_in_one() -> None:
    """A function gives it to every stack, and some do not need it."""
    shared = acknowledgement(), acknowledgement(path="Prod/Other")

    assert judged(*shared).holds


@pytest.mark.parametrize("rule", ["CloudFormation-Validate::W3010", "Annotation::tests:warning"])
def test_what_the_cdk_leaves_out_itself_is_not_told(rule: str) -> None:
    """Whether it was needed cannot be seen any more."""
    assert judged(acknowledgement(), Acknowledgement("Prod", rule, "expected")).holds


def test_an_acknowledgement_that_hides_a_finding_is_told() -> None:
    """Without its namespace cdk-nag takes it too, and the table would not show it."""
    hiding = Acknowledgement("Prod", "Annotation::AwsSolutions-S1", "meant")

    assert judged(acknowledgement(), hiding).unused == [hiding]
