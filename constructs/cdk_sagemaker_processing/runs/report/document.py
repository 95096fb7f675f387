"""A report as a JSON document."""

from dataclasses import asdict
from typing import Any

from cdk_sagemaker_processing.runs.document import describe_course, iso, summarize
from cdk_sagemaker_processing.runs.report.earlier import median
from cdk_sagemaker_processing.runs.report.jobs import JobReport
from cdk_sagemaker_processing.runs.report.report import RunReport, StateReport

__all__ = ["describe_report"]


def describe_report(report: RunReport) -> dict[str, Any]:
    """Return the figures of a report; durations are in seconds.

    Args:
        report: The report.
    """
    return {
        **summarize(report.run),
        "made": iso(report.made),
        "input": report.input,
        "redriveCount": report.redrives,
        "seconds": report.seconds,
        "earlierSeconds": {one.name: one.seconds for one in report.earlier},
        "medianSeconds": median([one.seconds for one in report.earlier]),
        "instanceHours": report.instance_hours,
        "cost": {
            "estimate": report.cost,
            "currency": report.prices.currency,
            "asOf": report.prices.as_of.isoformat(),
            "region": report.prices.region,
            "source": report.prices.source,
            "withoutTypes": list(report.unpriced_types),
        },
        "states": [_state(report, state) for state in report.states],
        "failures": [
            {
                "state": one.state,
                "executionArn": one.execution,
                "job": one.job,
                "error": one.error,
                "cause": one.cause,
                "log": list(one.log),
            }
            for one in report.failures
        ],
    }


def _state(report: RunReport, state: StateReport) -> dict[str, Any]:
    progress = state.progress
    return {
        **describe_course(progress),
        "medianSeconds": median(state.earlier_seconds),
        "items": asdict(progress.items) if progress.items else None,
        "jobs": [_job(report, job) for job in state.jobs],
        "untoldExecutions": state.untold,
    }


def _job(report: RunReport, job: JobReport) -> dict[str, Any]:
    return {
        "job": job.name,
        "status": job.status or None,
        "instanceType": job.instance_type or None,
        "instances": job.instances,
        "created": iso(job.created),
        "started": iso(job.started),
        "ended": iso(job.ended),
        "instanceHours": job.instance_hours(report.made),
        "cost": job.cost(report.prices, report.made),
        "outputs": {one.name: one.uri for one in job.outputs},
    }
