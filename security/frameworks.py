"""docs/about/security.md: what cdk-nag's packs of regulations find, and what each means here.

`make security-report` writes it anew; a test compares.
"""

import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from security.environment import ROOT
from security.findings import Finding
from security.subjects import SUBJECTS
from security.synthesis import synthesize
from security.tools import nag
from security.tools.nag import Pack

__all__ = ["PAGE", "page"]

PAGE = ROOT / "docs" / "about" / "security.md"
_AS_IT_COMES = "As it comes"
_HARDENED = "Hardened"
_NAMES = {
    _AS_IT_COMES: ("app.py",),
    _HARDENED: ("PySparkStep, hardened", "SparkHistoryServer, hardened"),
}
# Made beside the hardened ones, by the CDK's own constructs.
_SURROUNDINGS = ("Stack/Vpc", "Stack/Analyst")
_TITLES = {
    Pack.HIPAA: "HIPAA Security",
    Pack.NIST: "NIST 800-53 rev 5",
    Pack.PCI: "PCI DSS 3.2.1",
}
_ANSWERS = {
    "S3BucketReplicationEnabled": (
        "Where data must survive the loss of a region, replicate the buckets: `storage.outputs` "
        "and `storage.event_logs.bucket` are ordinary buckets."
    ),
    "S3DefaultEncryptionKMS": (
        "`ProcessingStorage(encryption_key=...)` encrypts both buckets by your key. The bucket of "
        "access logs stays with S3's own keys: S3 delivers no access logs to a bucket that is "
        "encrypted by KMS."
    ),
    "IAMNoInlinePolicy": (
        "Each role serves one step or one state machine, and its policy goes with it: inline, no "
        "other role can be given it by mistake."
    ),
    "CloudWatchLogGroupEncrypted": (
        "`ProcessingWorkflow(encryption_key=...)` and `SparkHistoryServer(encryption_key=...)` "
        "encrypt their logs by your key."
    ),
    "EC2RestrictedCommonPorts": (
        "The instances of a job talk to each other on any port; the rule lets in the step's own "
        "security group only, which this rule does not look at."
    ),
    "VPCDefaultSecurityGroupClosed": (
        "Nothing in the VPC of a `SparkHistoryServer` uses its default security group: the task "
        "has its own, which lets nothing in. CloudFormation cannot close the default one, and the "
        "CDK's way is a function with the right to change security groups. In a VPC of yours, "
        "`vpc=`, it is as you made it."
    ),
    "VPCNoUnrestrictedRouteToIGW": (
        "The VPC that a `SparkHistoryServer` makes has this way out instead of a NAT gateway that "
        "costs while nobody looks; nothing comes in by it. In a VPC of yours, `vpc=`, the task is "
        "in private subnets."
    ),
}
_CONTROLS = re.compile(r"\(Control IDs?: (?P<ids>.*)\)")
_HEAD = """\
# What security tools say

`make security` has cdk-nag (AwsSolutions), the CDK's own CloudFormation validation, this project's
own checks of the jobs inside definitions, cfn-lint, checkov, asl-validator, parliament and
pip-audit evaluate the stacks of [app.py](../../app.py) and every construct, as it comes and
hardened. It fails on any finding that is not acknowledged in code with a reason
([stacks/acknowledged.py](../../stacks/acknowledged.py),
[security/subjects.py](../../security/subjects.py)), and on an acknowledgement that nothing needs.
pip-audit needs a service of known vulnerabilities: where none is in reach, the output says that
nothing was audited.

Below is what cdk-nag's packs of regulations find, with what it means here. These packs see
resources of CloudFormation, not the jobs in a definition, and no tool can say whether a system
complies. `make security-report` writes this page.

- **As it comes**: the [flights](../../stacks/flights) pipeline, three steps with every default, and
  a History Server.
- **Hardened**: two PySpark steps, one a query language, each in a workflow, with a KMS key for
  storage, volumes, outputs, logs and executions, in a VPC, isolated from the network, and their
  traffic encrypted; a History Server with a KMS key for its logs and its bucket.
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """The findings of one pack in one subject."""

    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        rules = [_suffix(one) for one in self.findings]
        return {rule: rules.count(rule) for rule in rules}

    @property
    def controls(self) -> dict[str, str]:
        return {_suffix(one): _control_ids(one) for one in self.findings}


def page() -> str:
    """Return the page, from the stacks as they are now.

    Raises:
        ValueError: If there is a finding that no answer is written for.
    """
    found = {how: _findings(names) for how, names in _NAMES.items()}
    sections = (
        section
        for pack in _TITLES
        for section in _section(pack, found[_AS_IT_COMES][pack], found[_HARDENED][pack])
    )
    return "\n".join((_HEAD, *sections, "## What the findings mean", "", *_answers(found), ""))


def _section(pack: Pack, as_it_comes: _Found, hardened: _Found) -> Iterator[str]:
    yield f"## {_TITLES[pack]}"
    yield ""
    yield f"{nag.rules_of(pack)} rules, each on every resource."
    yield ""
    yield "| Rule | Findings as it comes | Hardened | Controls |"
    yield "| --- | --- | --- | --- |"
    controls = as_it_comes.controls | hardened.controls
    for rule in sorted(controls):
        figures = f"{as_it_comes.counts.get(rule, 0)} | {hardened.counts.get(rule, 0)}"
        yield f"| {rule} | {figures} | {controls[rule]} |"
    yield ""


def _answers(found: Mapping[str, Mapping[Pack, _Found]]) -> Iterator[str]:
    rules = {rule for packs in found.values() for one in packs.values() for rule in one.counts}
    for rule in sorted(rules):
        if rule not in _ANSWERS:
            raise ValueError(f"{rule} is found: say what it means in security/frameworks.py")
        yield f"- **{rule}**: {_ANSWERS[rule]}"


def _findings(names: Collection[str]) -> dict[Pack, _Found]:
    with tempfile.TemporaryDirectory() as folder:
        stacks = [
            stack
            for at, subject in enumerate(one for one in SUBJECTS if one.name in names)
            for stack in synthesize(subject, Path(folder) / str(at))
        ]
        return {
            pack: _Found(
                tuple(
                    one
                    for stack in stacks
                    for one in nag.evaluate(stack, pack).findings
                    if not one.path.startswith(_SURROUNDINGS)
                )
            )
            for pack in _TITLES
        }


def _suffix(finding: Finding) -> str:
    return finding.rule.removeprefix(f"{finding.tool}-")


def _control_ids(finding: Finding) -> str:
    found = _CONTROLS.search(finding.what)
    return found["ids"] if found else ""


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
