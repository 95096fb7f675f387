"""A state machine around steps, with what every machine should have."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.encryption import let_logs_use, let_machine_use
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.removal import allowed_removal
from cdk_sagemaker_processing.steps.ordering import in_order, wrong_order
from cdk_sagemaker_processing.workflow.concurrency import (
    WhenBusy,
    allow_counting,
    limited,
    wrong_limit,
)
from cdk_sagemaker_processing.workflow.parameters import checked, wrong_parameters

__all__ = ["ProcessingWorkflow"]

# Step Functions may write only to log groups of this prefix once a policy of the account
# grows past its limit: https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
_LOG_PREFIX = "/aws/vendedlogs/states"
# CloudWatch Logs API reference, CreateLogGroup.
_UNFIT = re.compile(r"[^A-Za-z0-9_/.#-]")


class ProcessingWorkflow(Construct):
    """A Step Functions state machine with its log and its traces on.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope.
        definition: The states: a step, a chain, or anything else that can start
            a state machine.
        parameters: What each execution is given by its input. States before
            the definition check it all at once, and an execution given a wrong
            value, none where there is no default, or a member that is no
            parameter fails with ``Workflow.InvalidParameters`` and a cause that
            names each. Without parameters any input will do.
        max_concurrent_executions: How many executions may go on at a time, in
            the order in which they began; any number by default. States before
            the definition list those that run, which AWS tells with a short
            delay: executions that begin in the same moment may both go on. One
            that is redriven goes on whatever runs. Made for hundreds that
            wait, as each asks again and again.
        when_busy: What an execution does that may not go on: ``wait`` (the
            default) until it may, asking after 5 seconds at first and every 5
            minutes at last, or ``skip``: it succeeds at once with the output
            ``{"Skipped": ...}``. The time of waiting counts for ``timeout``.
        query_language: The machine's query language; JSONPath by default.
        timeout: When a whole execution is given up; never by default.
        encryption_key: The KMS key that encrypts the definition, the history of
            executions and the log; keys of AWS's own by default. Whoever looks
            at executions then needs ``kms:Decrypt`` on it. The policy of a key
            of the app's is changed as needed; for an imported one a warning
            tells what it must allow.
        log_level: Which events of executions are logged; all by default.
        include_execution_data: Whether the log holds what states are given and
            give, too, where secrets may be among it. It does not by default:
            the history of an execution holds it for 90 days anyway, for those
            who may look at executions.
        log_retention: How long the execution log is kept; six months by
            default.
        removal_policy: What becomes of the log when the stack is deleted or the
            workflow leaves it; it stays by default, until its events have
            reached their age. ``DESTROY`` holds only in an app that allows it,
            by the context key ``cdk-sagemaker-processing:allowDestroy``; in
            others it stays, and a warning tells so.
        comment: What the machine is for.

    Attributes:
        state_machine: The state machine.
        log_group: Where its executions are logged.
        parameters: What each execution is given.

    Raises:
        ValidationError: It could not work as asked for; every reason is in the
            message.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        definition: sfn.IChainable,
        parameters: Sequence[WorkflowParameter] = (),
        max_concurrent_executions: int | None = None,
        when_busy: WhenBusy | None = None,
        query_language: sfn.QueryLanguage | None = None,
        timeout: cdk.Duration | None = None,
        encryption_key: kms.IKey | None = None,
        log_level: sfn.LogLevel = sfn.LogLevel.ALL,
        include_execution_data: bool = False,
        log_retention: logs.RetentionDays = logs.RetentionDays.SIX_MONTHS,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        comment: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        wrong = [
            *wrong_parameters(parameters),
            *wrong_limit(max_concurrent_executions, when_busy),
        ]
        if wrong:
            raise self._error(*wrong)
        self.parameters = tuple(parameters)
        self.log_group = logs.LogGroup(
            self,
            "Log",
            encryption_key=encryption_key,
            retention=log_retention,
            removal_policy=allowed_removal(self, removal_policy),
        )
        begun = limited(self, max_concurrent_executions, when_busy, definition)
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_chainable(
                checked(self, self.parameters, begun)
            ),
            query_language=query_language,
            timeout=timeout,
            comment=comment,
            tracing_enabled=True,
            encryption_configuration=sfn.CustomerManagedEncryptionConfiguration(encryption_key)
            if encryption_key
            else None,
            logs=sfn.LogOptions(
                destination=self.log_group,
                level=log_level,
                include_execution_data=include_execution_data,
            ),
        )
        self._name_log()
        if max_concurrent_executions is not None:
            allow_counting(self, self.state_machine)
        if encryption_key:
            let_logs_use(encryption_key, self, f"{_LOG_PREFIX}/*", by_delivery=True)
            let_machine_use(encryption_key, self.state_machine)
        cdk.CfnOutput(
            self,
            "StateMachineArn",
            value=self.state_machine.state_machine_arn,
            description=f"Step Functions state machine of workflow {self.node.path}",
        )

    @classmethod
    def from_steps(
        cls,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        steps: Sequence[sfn.IChainable],
        depends_on: Mapping[sfn.IChainable, Sequence[sfn.IChainable]] | None = None,
        **options: Any,
    ) -> Self:
        """A workflow of steps that say only what they wait for.

        A step waits for those whose ``output()`` it reads and for those that
        ``depends_on`` names; steps that know nothing of each other run at the
        same time, in ``Parallel`` states. Each waits for no others wherever
        states can say so. Where they cannot, as when ``c`` waits for ``a`` and
        ``b`` but ``d`` for ``b`` alone, some wait for steps of an earlier level
        too; the level of a step is the number of steps on the longest way to it.

        After a ``Parallel`` the states find its input, and in it the results
        that steps in it keep by ``result_name``. Variables that a step in it
        sets by ``assign`` end with it.

        Args:
            scope: The construct this one belongs to.
            id: The construct's id in its scope.
            steps: The steps, in any order. States and chains of other kinds may
                be among them, if ``depends_on`` tells what they wait for.
            depends_on: What steps wait for beside those whose outputs they
                read; of other states, all that they wait for.
            **options: What every ``ProcessingWorkflow`` takes, but
                ``definition``. Of a JSONata workflow each step must be given
                ``query_language=sfn.QueryLanguage.JSONATA`` too.

        Raises:
            ValidationError: Steps wait for each other in a circle, or for one
                that is not in ``steps``.
        """
        waits = depends_on or {}
        if wrong := wrong_order(steps, waits):
            path = "/".join(filter(None, (scope.node.path, id)))
            raise ValidationError(path, cls.__name__, wrong)
        language = options.get("query_language")
        return cls(scope, id, definition=in_order(scope, id, steps, waits, language), **options)

    def _name_log(self) -> None:
        """Give the log a name of the prefix, and one that no log which stayed can have."""
        group = self.log_group.node.default_child
        assert isinstance(group, logs.CfnLogGroup)  # noqa: S101 # the CDK's own
        group.log_group_name = (
            f"{_LOG_PREFIX}/{cdk.Aws.STACK_NAME}/{self._name()}-{self._creation()}"
        )

    def _creation(self) -> str:
        """Text that is another one whenever the workflow is made anew, in the same stack too.

        It is the id of the machine's role, which IAM makes anew with each role.
        """
        role = self.state_machine.role
        assert isinstance(role, iam.Role)  # noqa: S101 # made by the machine, as none is given
        try:
            return role.role_id
        except RuntimeError:
            # An app whose roles are made elsewhere (iam.Role.customize_roles) has no such ids.
            return cdk.Fn.select(2, cdk.Fn.split("/", cdk.Aws.STACK_ID))

    def _name(self) -> str:
        """The construct's path in its stack, as a log group may be named."""
        path = self.node.path.removeprefix(f"{cdk.Stack.of(self).node.path}/")
        return _UNFIT.sub("-", path)

    def grant_start_execution(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody start executions of the workflow."""
        return self.state_machine.grant_start_execution(grantee)

    def _error(self, *found: Problem) -> ValidationError:
        return ValidationError(self.node.path, type(self).__name__, found)
