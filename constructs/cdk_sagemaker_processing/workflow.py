"""A state machine around steps, with what every machine should have."""

import re

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

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
        query_language: The machine's query language; JSONPath by default.
        timeout: When a whole execution is given up; never by default.
        log_retention: How long the execution log is kept; six months by
            default. The log goes when the stack does.
        comment: What the machine is for.

    Attributes:
        state_machine: The state machine.
        log_group: Where its executions are logged.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        definition: sfn.IChainable,
        query_language: sfn.QueryLanguage | None = None,
        timeout: cdk.Duration | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.SIX_MONTHS,
        comment: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"{_LOG_PREFIX}/{cdk.Aws.STACK_NAME}/{self._name()}",
            retention=log_retention,
            # A group that stayed would, by its fixed name, be in the way of the next deploy.
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_chainable(definition),
            query_language=query_language,
            timeout=timeout,
            comment=comment,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=self.log_group, level=sfn.LogLevel.ALL, include_execution_data=True
            ),
        )
        cdk.CfnOutput(
            self,
            "StateMachineArn",
            value=self.state_machine.state_machine_arn,
            description=f"Step Functions state machine of workflow {self.node.path}",
        )

    def _name(self) -> str:
        """The construct's path in its stack, as a log group may be named."""
        path = self.node.path.removeprefix(f"{cdk.Stack.of(self).node.path}/")
        return _UNFIT.sub("-", path)

    def grant_start_execution(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody start executions of the workflow."""
        return self.state_machine.grant_start_execution(grantee)
