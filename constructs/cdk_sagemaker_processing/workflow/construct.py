"""A state machine around steps, with what every machine should have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.access.key_policies import let_logs_use, let_machine_use
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.removal import allowed_removal
from cdk_sagemaker_processing.steps.ordering import in_order, wrong_order
from cdk_sagemaker_processing.workflow.argument_types import (
    wrong_alarms,
    wrong_bucket,
    wrong_kinds,
    wrong_told,
)
from cdk_sagemaker_processing.workflow.concurrency import (
    WhenBusy,
    allow_counting,
    limited,
    wrong_limit,
)
from cdk_sagemaker_processing.workflow.options import WorkflowOptions
from cdk_sagemaker_processing.workflow.parameters import checked, wrong_parameters
from cdk_sagemaker_processing.workflow.schedule import (
    WorkflowSchedule,
    add_schedules,
    wrong_schedules,
)

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns

    from cdk_sagemaker_processing.workflow.notices import Ending

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
        schedule: When executions begin by themselves; one or several, none by
            default.
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
        comment: What the machine is for; nothing is said by default.

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
        schedule: WorkflowSchedule | Sequence[WorkflowSchedule] = (),
        query_language: sfn.QueryLanguage | None = None,
        timeout: cdk.Duration | None = None,
        encryption_key: kms.IKey | None = None,
        log_level: sfn.LogLevel = sfn.LogLevel.ALL,
        include_execution_data: bool = False,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        comment: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        schedules = (schedule,) if isinstance(schedule, WorkflowSchedule) else schedule
        wrong = [
            *(wrong_parameters(parameters) or wrong_schedules(schedules, parameters)),
            *wrong_limit(max_concurrent_executions, when_busy),
            *wrong_kinds(
                definition=definition,
                query_language=query_language,
                timeout=timeout,
                encryption_key=encryption_key,
                log_level=log_level,
                include_execution_data=include_execution_data,
                log_retention=log_retention,
                removal_policy=removal_policy,
                comment=comment,
            ),
        ]
        if wrong:
            raise self._error(*wrong)
        self.parameters = tuple(parameters)
        self._log_level = log_level
        self.log_group = self._log(encryption_key, log_retention, removal_policy)
        begun = limited(self, max_concurrent_executions, when_busy, definition)
        self.state_machine = self._machine(
            checked(self, self.parameters, begun),
            encryption_key,
            include_execution_data=include_execution_data,
            query_language=query_language,
            timeout=timeout,
            comment=comment,
        )
        self._name_log()
        if max_concurrent_executions is not None:
            allow_counting(self, self.state_machine)
        add_schedules(self, schedules, self.state_machine)
        if encryption_key:
            let_logs_use(encryption_key, self, f"{_LOG_PREFIX}/*", by_delivery=True)
            let_machine_use(encryption_key, self.state_machine)
        # By which the command finds workflows: see `runs.workflows`.
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
        **options: Unpack[WorkflowOptions],
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

    def _machine(
        self,
        definition: sfn.IChainable,
        encryption_key: kms.IKey | None,
        *,
        include_execution_data: bool,
        query_language: sfn.QueryLanguage | None,
        timeout: cdk.Duration | None,
        comment: str | None,
    ) -> sfn.StateMachine:
        return sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_chainable(definition),
            query_language=query_language,
            timeout=timeout,
            comment=comment,
            tracing_enabled=True,
            encryption_configuration=sfn.CustomerManagedEncryptionConfiguration(encryption_key)
            if encryption_key
            else None,
            logs=sfn.LogOptions(
                destination=self.log_group,
                level=self._log_level,
                include_execution_data=include_execution_data,
            ),
        )

    def _log(
        self,
        encryption_key: kms.IKey | None,
        retention: logs.RetentionDays | None,
        removal_policy: cdk.RemovalPolicy,
    ) -> logs.LogGroup:
        # It costs time to load, which every import of the package would pay.
        from aws_cdk import aws_logs as logs  # noqa: PLC0415

        return logs.LogGroup(
            self,
            "Log",
            encryption_key=encryption_key,
            retention=retention or logs.RetentionDays.SIX_MONTHS,
            removal_policy=allowed_removal(self, removal_policy),
        )

    def _name_log(self) -> None:
        """Give the log a name of the prefix, and one that no log which stayed can have."""
        group = self.log_group.node.default_child
        assert isinstance(group, cdk.CfnResource)  # noqa: S101 # the CDK's own
        group.add_property_override(
            "LogGroupName",
            f"{_LOG_PREFIX}/{cdk.Aws.STACK_NAME}/{self._name()}-{self._creation()}",
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
        """Let somebody start executions of the workflow.

        Args:
            grantee: Who may.
        """
        return self.state_machine.grant_start_execution(grantee)

    def on_new_objects(
        self,
        bucket: s3.IBucket,
        *,
        prefix: str = "",
        suffix: str | None = None,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # Step Functions' name for it
    ) -> None:
        """Begin an execution for each object that comes into a bucket, by EventBridge.

        S3 tells of each object at least once, so an execution may begin twice.
        Where they must not overlap, give the workflow
        ``max_concurrent_executions=1``.

        Args:
            bucket: The bucket, which is made to tell EventBridge of its
                objects; for an imported one a warning tells to.
            prefix: What the keys begin with; all do by default.
            suffix: What the keys end with; anything by default.
            input: What the execution is given, such as
                ``{"day": "2026-01-31", "key": processing.NewObject.key()}``; by
                default ``bucket``, ``key`` and ``size`` of the object, or of
                these what are the workflow's parameters.

        Raises:
            ValidationError: The parameters would be refused.
        """
        # What it needs costs time to load, and most workflows have no trigger.
        from cdk_sagemaker_processing.workflow.new_objects import (  # noqa: PLC0415
            add_trigger,
            given_by,
            pattern_of,
            wrong_trigger,
        )
        from cdk_sagemaker_processing.workflow.rules import rule_role  # noqa: PLC0415 # as above

        given = given_by(input, self.parameters)
        wrong = wrong_trigger(given, self.parameters, prefix=prefix, suffix=suffix)
        if wrong := [*wrong_bucket(bucket), *wrong]:
            raise self._error(*wrong)
        role = self.node.try_find_child("NewObjectsRole")
        if not isinstance(role, iam.Role):
            role = rule_role(self, "NewObjectsRole", self.state_machine)
        add_trigger(
            self._numbered("NewObjects"),
            bucket,
            path=self.node.path,
            pattern=pattern_of(bucket, prefix, suffix),
            given=given,
            machine=self.state_machine,
            role=role,
        )

    def notify(
        self,
        topic: sns.ITopic,
        *,
        on: Sequence[Ending] = ("failed", "timed_out", "aborted"),
    ) -> None:
        """Tell a topic how executions ended, by EventBridge.

        The message has the workflow, the status, the execution's name, when it
        ended, the error and its cause where it did not succeed, and where to
        look at it in the console; each line in quotes, as EventBridge writes
        them.

        Args:
            topic: The topic; its policy, and that of its key, are changed so
                that EventBridge may publish. For an imported one a warning
                tells what they must allow.
            on: Of which endings: ``failed``, ``timed_out``, ``aborted`` and
                ``succeeded``; of all but the last by default.

        Raises:
            ValidationError: An ending is none of these.
        """
        from cdk_sagemaker_processing.workflow.notices import (  # noqa: PLC0415 # as above
            add_notice,
            wrong_endings,
        )

        if wrong := [*wrong_told(topic), *wrong_endings(on)]:
            raise self._error(*wrong)
        add_notice(self._numbered("Notice"), self.node.path, topic, on, self.state_machine)

    def add_alarms(
        self, topic: sns.ITopic | None = None, *, too_long: cdk.Duration | None = None
    ) -> tuple[cloudwatch.Alarm, ...]:
        """Alarm when executions fail, time out, take too long or are held back.

        All are told within five minutes. How long an execution took is known
        at its end: give the workflow a ``timeout``, too, for one that never
        ends.

        Args:
            topic: Who is told; nobody by default.
            too_long: From when on an execution took too long; none does by
                default.

        Returns:
            The alarms, for actions of your own.
        """
        from cdk_sagemaker_processing.workflow.alarms import (  # noqa: PLC0415 # as above
            add_alarms,
        )

        if wrong := [*wrong_alarms(topic, too_long)]:
            raise self._error(*wrong)
        scope = Construct(self, "Alarms")
        return add_alarms(scope, self.node.path, self.state_machine, topic, too_long)

    def add_dashboard(self) -> cloudwatch.Dashboard:
        """Make a CloudWatch dashboard of the workflow.

        It shows how executions ended and how long they took, by their metrics,
        and, from the workflow's log, how long each step took, how often it did
        not end, and why executions failed. What is read from the log needs
        ``log_level`` ALL, and causes ``include_execution_data``.

        Returns:
            The dashboard, for widgets of your own.
        """
        from cdk_sagemaker_processing.workflow.dashboard import (  # noqa: PLC0415 # as above
            add_dashboard,
        )

        return add_dashboard(
            self, self.node.path, self.state_machine, self.log_group, self._log_level
        )

    def _numbered(self, name: str) -> Construct:
        """A scope of its own for one of several of a kind."""
        others = sum(1 for one in self.node.children if one.node.id.rstrip("0123456789") == name)
        return Construct(self, f"{name}{others + 1}" if others else name)

    def _error(self, *found: Problem) -> ValidationError:
        return ValidationError(self.node.path, type(self).__name__, found)
