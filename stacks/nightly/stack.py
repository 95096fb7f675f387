"""A report of one day's flights, made every night: told of, alarmed and with a dashboard."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

import cdk_sagemaker_processing as processing
from stacks.flights.data import flights_file

JOBS = Path(__file__).parent / "jobs"
EVERY_NIGHT = "cron(0 3 * * ? *)"
DUE = "<aws.scheduler.scheduled-time>"


class NightlyStack(cdk.Stack):
    """Report how late the flights of a day were, by carrier and by hour.

    Args:
        scope: The app or stage the stack is in.
        construct_id: The stack's id.
        **kwargs: What every ``cdk.Stack`` takes, such as ``env``.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._storage = processing.ProcessingStorage(self, "Storage")

        # An execution that is given another kind of value fails before any job starts.
        day = processing.WorkflowParameter(
            "day",
            pattern=r"\d{4}-\d{2}-\d{2}(T\S+)?",
            description="The day, or a time of it; reported is the same day of 2013.",
        )
        late_from = processing.WorkflowParameter(
            "late_from",
            type="integer",
            default=15,
            minimum=1,
            maximum=600,
            description="From how many minutes after its schedule on a flight is late.",
        )

        choose = processing.SKLearnStep(
            self,
            "Choose",
            framework_version="1.2-1",
            code=str(JOBS / "choose.py"),
            inputs=[
                processing.ProcessingInput(str(flights_file()), "/opt/ml/processing/input/flights")
            ],
            outputs=[processing.ProcessingOutput("flights")],
            arguments=["--day", str(day)],
            storage=self._storage,
        )
        by_carrier, by_hour = (
            self._late(name, column, choose.output("flights"), late_from)
            for name, column in (("ByCarrier", "carrier"), ("ByHour", "hour"))
        )
        report = processing.SKLearnStep(
            self,
            "Report",
            framework_version="1.2-1",
            code=str(JOBS / "report.py"),
            inputs=[
                processing.ProcessingInput(by_carrier.output("carrier")),
                processing.ProcessingInput(by_hour.output("hour")),
            ],
            outputs=[processing.ProcessingOutput("report")],
            arguments=["--title", f"Flights of {day}"],
            storage=self._storage,
        )

        # The order comes from the data: Choose, then ByCarrier beside ByHour, then Report.
        workflow = processing.ProcessingWorkflow.from_steps(
            self,
            "DayReport",
            steps=[choose, by_carrier, by_hour, report],
            parameters=[day, late_from],
            schedule=processing.WorkflowSchedule(
                EVERY_NIGHT, time_zone="America/New_York", input={"day": DUE}
            ),
            max_concurrent_executions=1,
            timeout=cdk.Duration.hours(6),
        )
        topic = self._topic()
        workflow.notify(topic)
        workflow.add_alarms(topic, too_long=cdk.Duration.hours(2))
        workflow.add_dashboard()

    def _late(
        self, name: str, column: str, flights: str, late_from: processing.WorkflowParameter
    ) -> processing.SKLearnStep:
        return processing.SKLearnStep(
            self,
            name,
            framework_version="1.2-1",
            code=str(JOBS / "late.py"),
            inputs=[processing.ProcessingInput(flights, "/opt/ml/processing/input/flights")],
            outputs=[processing.ProcessingOutput(column)],
            arguments=["--by", column, "--late-from", str(late_from)],
            storage=self._storage,
        )

    def _topic(self) -> sns.Topic:
        """Whom to tell: subscribe to it by mail, chat or what else SNS knows."""
        # EventBridge and CloudWatch may not use SNS's own key.
        key = kms.Key(self, "Key", enable_key_rotation=True)
        topic = sns.Topic(self, "Told", enforce_ssl=True, master_key=key)
        cdk.CfnOutput(self, "TopicArn", value=topic.topic_arn, description="Who is told")
        return topic
