"""cdk-nag: rule packs over the construct tree."""

import re
import tarfile
from enum import Enum
from functools import cache
from pathlib import Path

import cdk_nag
from cdk_nag import NagPack

from security.findings import Evaluation, Finding
from security.synthesis import Synthesized

__all__ = ["Pack", "evaluate", "rules_of"]


class Pack(Enum):
    """The rule packs, by the names that their findings begin with."""

    AWS_SOLUTIONS = "AwsSolutions"
    HIPAA = "HIPAA.Security"
    NIST = "NIST.800.53.R5"
    PCI = "PCI.DSS.321"


_CHECKS: dict[Pack, tuple[type[NagPack], str]] = {
    Pack.AWS_SOLUTIONS: (cdk_nag.AwsSolutionsChecks, "aws-solutions"),
    Pack.HIPAA: (cdk_nag.HIPAASecurityChecks, "hipaa-security"),
    Pack.NIST: (cdk_nag.NIST80053R5Checks, "nist-800-53-r5"),
    Pack.PCI: (cdk_nag.PCIDSS321Checks, "pci-dss-321"),
}


def evaluate(stack: Synthesized, pack: Pack = Pack.AWS_SOLUTIONS) -> Evaluation:
    """Have a rule pack look at every resource of a stack.

    Args:
        stack: The stack.
        pack: The rule pack.
    """
    checks, _ = _CHECKS[pack]
    report = checks().validate_scope(stack.construct)
    return Evaluation(
        pack.value,
        stack.name,
        rules_of(pack),
        [
            Finding(pack.value, violation.rule_name, resource.construct_path or "", what)
            for violation in report.violations
            for resource in violation.violating_resources
            for what in [violation.description]
        ],
    )


@cache
def rules_of(pack: Pack) -> int:
    """Return how many rules a pack has, each of which looks at every resource.

    A pack does not tell: its rules are counted where it applies them.

    Args:
        pack: The rule pack.
    """
    _, module = _CHECKS[pack]
    (archive,) = (Path(cdk_nag.__file__).parent / "_jsii").glob("*.tgz")
    with tarfile.open(archive) as packed:
        source = packed.extractfile(f"package/lib/packs/{module}.js")
        if source is None:
            raise ValueError(f"{archive.name} has no rule pack {module}")
        return len(re.findall(r"\bthis\.applyRule\(", source.read().decode()))
