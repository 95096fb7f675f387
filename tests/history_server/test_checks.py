"""What is refused at synth, in words that mend it."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.history_server.fargate import wrong_sizes
from cdk_sagemaker_processing.history_server.sources import sources
from tests.history_server.servers import LOGS, server

WRITE = "write processing.EventLogs(bucket, 'prefix/') or 's3://bucket/prefix/'"


def problems(stack: cdk.Stack, **options: Any) -> list[str]:
    """What is wrong with a server."""
    with pytest.raises(processing.ValidationError) as error:
        server(stack, **options)
    assert error.value.path == "Prod/History"
    assert error.value.kind == "SparkHistoryServer"
    return [str(one) for one in error.value.problems]


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
PAIRS = {
    256: [512, 1024, 2048],
    512: [1024, 2048, 3072, 4096],
    1024: [one * 1024 for one in range(2, 9)],
    2048: [one * 1024 for one in range(4, 17)],
    4096: [one * 1024 for one in range(8, 31)],
    8192: [one * 1024 for one in range(16, 61, 4)],
    16384: [one * 1024 for one in range(32, 121, 8)],
}


def sizes(cpu: float, memory_mib: float, storage_gib: float | None = None) -> list[str]:
    """What is wrong with the sizes of a task."""
    storage = None if storage_gib is None else cdk.Size.gibibytes(storage_gib)
    found = wrong_sizes(cpu=cpu, memory=cdk.Size.mebibytes(memory_mib), ephemeral_storage=storage)
    return [one.text for one in found]


@pytest.mark.parametrize("cpu", PAIRS)
def test_every_size_that_fargate_has_is_taken_and_no_other(cpu: int) -> None:
    """All pairs of CPU and memory, in steps of half a GiB."""
    every = range(512, 128 * 1024, 512)

    assert [memory for memory in every if not sizes(cpu, memory)] == PAIRS[cpu]


@given(st.integers(1, 300))
def test_storage_is_what_fargate_gives(storage_gib: int) -> None:
    """21 to 200 GiB."""
    assert (sizes(1024, 4096, storage_gib) == []) == (21 <= storage_gib <= 200)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"cpu": 1},
            "cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 (1024 are one vCPU), got 1",
        ),
        (
            {"memory": cdk.Size.gibibytes(12)},
            (
                "memory must be 2 GiB to 8 GiB in steps of 1 GiB with cpu=1024, got 12 GiB: write "
                "cdk.Size.mebibytes(8192), or cpu=2048"
            ),
        ),
        (
            {"cpu": 256, "memory": cdk.Size.mebibytes(700)},
            (
                "memory must be 0.5 GiB, 1 GiB, 2 GiB with cpu=256, got 0.683594 GiB: write "
                "cdk.Size.mebibytes(512)"
            ),
        ),
        (
            {"memory": 4096},
            "memory must be a cdk.Size, got 4096: write cdk.Size.gibibytes(4)",
        ),
        (
            {"memory": cdk.Size.mebibytes(cdk.Token.as_number({"Ref": "Memory"}))},
            (
                "memory must be known at synth, as Spark's settings follow from it: write "
                "cdk.Size.gibibytes(4)"
            ),
        ),
        (
            {"ephemeral_storage": cdk.Size.gibibytes(20)},
            (
                "ephemeral_storage must be 21 to 200 whole GiB, got 20 GiB: write "
                "cdk.Size.gibibytes(...), or leave it out for 20 GiB"
            ),
        ),
        (
            {"ephemeral_storage": cdk.Size.mebibytes(25_000)},
            (
                "ephemeral_storage must be 21 to 200 whole GiB, got 24.4141 GiB: write "
                "cdk.Size.gibibytes(...), or leave it out for 20 GiB"
            ),
        ),
        (
            {"ephemeral_storage": 30},
            "ephemeral_storage must be a cdk.Size, got 30: write cdk.Size.gibibytes(21)",
        ),
        (
            {"idle_timeout": cdk.Duration.seconds(90)},
            (
                "idle_timeout must be whole minutes, at least one, or None for never, got 1 minute "
                "30 seconds: write cdk.Duration.minutes(30)"
            ),
        ),
        (
            {"max_lifetime": cdk.Duration.minutes(0)},
            (
                "max_lifetime must be whole minutes, at least one, or None for never, got 0 "
                "minutes: write cdk.Duration.minutes(30)"
            ),
        ),
        (
            {"max_lifetime": 480},
            (
                "max_lifetime must be a cdk.Duration or None for never, got 480: write "
                "cdk.Duration.minutes(30)"
            ),
        ),
        (
            {"idle_timeout": cdk.Duration.hours(cdk.Token.as_number({"Ref": "Hours"}))},
            (
                "idle_timeout: a time known only at deploy is in minutes: write "
                "cdk.Duration.minutes(...)"
            ),
        ),
        (
            {"spark_conf": {"spark.history.ui.port": "80"}},
            (
                "spark_conf: spark.history.ui.port is the construct's own, as the health check, "
                "the tunnel and the load balancer go there: leave it out"
            ),
        ),
        (
            {"spark_conf": {"spark.history.fs.logDirectory": "s3a://logs/"}},
            (
                "spark_conf: spark.history.fs.logDirectory is the construct's own, as it is the "
                "folder that the mirror fills: give event_logs: leave it out"
            ),
        ),
        (
            {"spark_conf": {"spark.history.store.path": "/tmp/store"}},  # noqa: S108 # refused
            (
                "spark_conf: spark.history.store.path is the construct's own, as it lies on the "
                "task's storage: give ephemeral_storage for more: leave it out"
            ),
        ),
        (
            {"spark_conf": {"spark.port.maxRetries": "3"}},
            (
                "spark_conf: spark.port.maxRetries is the construct's own, as nothing else works "
                "in its task: leave it out"
            ),
        ),
        (
            {"spark_conf": {"spark.history.fs.numReplayThreads": 8}},
            "spark_conf['spark.history.fs.numReplayThreads'] must be a string, got 8: write '8'",
        ),
        (
            {"spark_conf": {"spark.acls.enable": True}},
            "spark_conf['spark.acls.enable'] must be a string, got True: write 'true'",
        ),
        (
            {"spark_conf": {1: "true"}},
            "spark_conf: a setting's name must be a string, got 1",
        ),
        (
            {"spark_conf": "spark.acls.enable=true"},
            "spark_conf must be a mapping of names to strings, got 'spark.acls.enable=true'",
        ),
        (
            {"event_logs": []},
            f"event_logs is empty: a server has at least one source: {WRITE}",
        ),
        (
            {"event_logs": "logs"},
            f"event_logs must name its bucket, so that permissions can, got 'logs': {WRITE}",
        ),
        (
            {"event_logs": [LOGS, "s3://"]},
            f"event_logs[1] must name its bucket, so that permissions can, got 's3://': {WRITE}",
        ),
        (
            {"event_logs": "s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/a/logs/"},
            (
                "event_logs must name its bucket, so that permissions can, got "
                f"'s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/a/logs/': {WRITE}"
            ),
        ),
        (
            {"event_logs": 7},
            f"event_logs must be EventLogs or an S3 URI, got 7: {WRITE}",
        ),
        (
            {"event_logs": "s3://logs/spark-events"},
            "event_logs: a prefix ends in a slash, got 'spark-events': write 'spark-events/'",
        ),
        (
            {"event_logs": [LOGS, LOGS]},
            (
                "event_logs names 'spark-events/' of one bucket twice: every log would be mirrored "
                "twice: name it once"
            ),
        ),
        (
            {"event_logs": [LOGS, "s3://logs/spark-events/a/", "s3://other/spark-events/"]},
            (
                "event_logs names 'spark-events/' of one bucket and with it 'spark-events/a/': "
                "every log would be mirrored twice: name it once"
            ),
        ),
        (
            {"architecture": "arm64"},
            "architecture must be 'ARM64' or 'X86_64', as ECS names them, got 'arm64'",
        ),
        (
            {"framework_version": "3.5", "architecture": "ARM64"},
            (
                "SageMaker's Spark images are for X86_64 alone, got architecture 'ARM64': write "
                "architecture='X86_64', or leave the image out for Spark's own, which is for both"
            ),
        ),
        (
            {"image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-spark-processing:3"},
            (
                "SageMaker's Spark images are for X86_64 alone, got architecture ARM64, the "
                "default: write architecture='X86_64', or leave the image out for Spark's own, "
                "which is for both"
            ),
        ),
        (
            {"framework_version": "3.5", "image": "spark:3"},
            (
                "framework_version chooses SageMaker's own Spark image, and image another: give "
                "one of the two"
            ),
        ),
        (
            {"image": ""},
            (
                "image must be an image's URI, an ecr.IRepository (its 'latest' is taken) or an "
                "ecr_assets.DockerImageAsset, got '': another tag is "
                "repository.repository_uri_for_tag('<tag>')"
            ),
        ),
        (
            {"mirror_image": 3},
            (
                "mirror_image must be an image's URI, an ecr.IRepository (its 'latest' is taken) "
                "or an ecr_assets.DockerImageAsset, got 3: another tag is "
                "repository.repository_uri_for_tag('<tag>')"
            ),
        ),
        (
            {"load_balancer": "alb", "always_on": True},
            "load_balancer must be a processing.HistoryLoadBalancer, got 'alb'",
        ),
    ],
)
def test_what_could_not_run_is_refused(
    stack: cdk.Stack, options: dict[str, Any], words: str
) -> None:
    """Each with what came, what is allowed and how to mend it."""
    assert problems(stack, **options) == [words]


def test_all_is_told_at_once(stack: cdk.Stack) -> None:
    """Nobody mends one thing to hear of the next."""
    found = problems(
        stack,
        event_logs="nowhere",
        cpu=3,
        memory=1,
        idle_timeout=0,
        spark_conf={"spark.history.provider": "mine"},
        architecture="6502",
        alarms_topic=sns.Topic(stack, "Topic"),
    )

    words = ("event_logs", "cpu", "memory", "spark_conf", "idle_timeout", "alarms_topic")
    assert [one.split()[0].rstrip(":") for one in found] == [*words, "architecture"]


def test_a_bucket_is_given_with_its_prefix(stack: cdk.Stack) -> None:
    """The bucket alone is most likely a slip."""
    bucket = s3.Bucket(stack, "Logs")

    assert problems(stack, event_logs=bucket) == [
        f"event_logs must be EventLogs or an S3 URI, got the bucket 'Prod/Logs': {WRITE}"
    ]


def test_a_uri_known_only_at_deploy_is_refused_for_what_permissions_can_name(
    stack: cdk.Stack,
) -> None:
    """A token for a whole URI hides its bucket; one for the bucket's name or the prefix is fine."""
    parameter = cdk.CfnParameter(stack, "Uri").value_as_string
    (found,) = problems(stack, event_logs=parameter)
    assert found.startswith(
        "event_logs must name its bucket, so that permissions can, got '${Token"
    )

    bucket = s3.Bucket(stack, "Logs")
    known, wrong = sources([f"s3://{bucket.bucket_name}/a/", f"s3://logs/{parameter}"])
    assert len(known) == 2
    assert wrong == []


def test_more_sources_than_a_policy_holds_are_refused(stack: cdk.Stack) -> None:
    """IAM would refuse the role in the midst of a deploy."""
    many = [f"s3://event-logs-of-team-{at}/spark-events/" for at in range(60)]

    (found,) = problems(stack, event_logs=many)

    assert found.startswith("event_logs: to read 60 sources takes a policy of about 1")
    assert found.endswith(
        "characters, and IAM takes 10,240: gather event logs in fewer prefixes, or give some to a "
        "SparkHistoryServer of their own"
    )


def test_as_many_as_it_holds_are_taken(stack: cdk.Stack) -> None:
    """Twenty buckets are no trouble."""
    server(stack, event_logs=[f"s3://event-logs-of-team-{at}/spark-events/" for at in range(20)])


def test_what_only_a_service_needs_is_refused_without_one(stack: cdk.Stack) -> None:
    """A task on demand has no address of its own, and need not run."""
    (found,) = problems(stack, alarms_topic=sns.Topic(stack, "Topic"))

    assert found == (
        "alarms_topic goes with always_on=True, as a task that is started when somebody opens it "
        "needs none: give that too, or leave alarms_topic out and open the server by "
        "sagemaker-processing history open"
    )


def test_sparks_scheme_means_the_same_place() -> None:
    """The mirror is told s3://."""
    known, wrong = sources("s3a://logs/spark-events/")

    assert [one.s3_uri for one in known] == [LOGS]
    assert wrong == []


KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/c"


def test_what_the_cdk_would_meet_deep_inside_is_told_at_once(stack: cdk.Stack) -> None:
    """ARNs, numbers and words where the CDK takes its own types, each with what to write."""
    told = problems(
        stack,
        encryption_key=KEY,
        log_retention=30,
        removal_policy="destroy",
        always_on="yes",
        alarms_topic="arn:aws:sns:eu-west-1:111122223333:alarms",
    )

    assert told == [
        ("log_retention must be a logs.RetentionDays, got 30: write logs.RetentionDays.ONE_MONTH"),
        (
            f"encryption_key must be a kms.IKey, got {KEY!r}: write "
            f"kms.Key.from_key_arn(self, 'Key', {KEY!r})"
        ),
        (
            "removal_policy must be a cdk.RemovalPolicy, got 'destroy': write "
            "cdk.RemovalPolicy.DESTROY"
        ),
        "always_on must be True or False, got 'yes'",
        (
            "alarms_topic must be an sns.ITopic, got 'arn:aws:sns:eu-west-1:111122223333:alarms': "
            "write sns.Topic.from_topic_arn(self, 'Topic', "
            "'arn:aws:sns:eu-west-1:111122223333:alarms')"
        ),
    ]


def test_security_groups_are_constructs(stack: cdk.Stack) -> None:
    """Not ids, nor one outside a list."""
    vpc = ec2.Vpc(stack, "Vpc")
    write = "write ec2.SecurityGroup.from_security_group_id(self, 'Group', ...)"

    assert problems(stack, vpc=vpc, security_groups=["sg-1"]) == [
        f"security_groups[0] must be ec2.ISecurityGroup, got 'sg-1': {write}"
    ]


def test_a_load_balancer_of_ids_is_told_at_once(stack: cdk.Stack) -> None:
    """With a VPC that is none as well."""
    given: Any = {
        "certificate": CERTIFICATE,
        "access_logs_bucket": "logs",
        "allowed": "10.0.0.0/8",
        "deletion_protection": "no",
        "authentication": processing.HistoryCognito(
            user_pool="eu-west-1_x",  # type: ignore[arg-type] # the point
            user_pool_client=None,  # type: ignore[arg-type] # the point
            user_pool_domain="login",  # type: ignore[arg-type] # the point
            session_timeout=60,  # type: ignore[arg-type] # the point
        ),
    }
    balancer = processing.HistoryLoadBalancer(domain_name="history.example.com", **given)

    told = problems(stack, always_on=True, load_balancer=balancer, vpc="vpc-1")

    of = "load_balancer"
    assert [one.split(" ")[0] for one in told] == [
        "vpc",
        f"{of}.certificate",
        f"{of}.access_logs_bucket",
        f"{of}.allowed",
        f"{of}.deletion_protection",
        f"{of}.authentication.session_timeout",
        f"{of}.authentication.user_pool",
        f"{of}.authentication.user_pool_client",
        f"{of}.authentication.user_pool_domain",
    ]
    assert told[1] == (
        f"load_balancer.certificate must be an acm.ICertificate, got {CERTIFICATE!r}: write "
        f"acm.Certificate.from_certificate_arn(self, 'Certificate', {CERTIFICATE!r})"
    )
