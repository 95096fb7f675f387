"""Where a step's request differs from the SDK's on purpose, and why: all of it, in this one place.

Values are patterns of their text (JSON, if they are no strings) and must match whole; groups of
one name must be equal on both sides and in the path.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.sdk.comparison import MISSING, Found

__all__ = ["ACCEPTED", "DIFFERENCES", "REFUSED", "Difference", "Verdict", "undeclared"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference that is meant.

    Attributes:
        path: Where it is.
        theirs: The SDK's value.
        ours: Our value.
        reason: Why ours is better, or the same to SageMaker.
    """

    path: str
    theirs: str
    ours: str
    reason: str

    def covers(self, found: Found) -> bool:
        """Whether this is the difference found."""
        matches = [
            re.fullmatch(pattern, value, re.DOTALL)
            for pattern, value in (
                (self.path, found.path),
                (self.theirs, found.theirs),
                (self.ours, found.ours),
            )
        ]
        groups = [match.groupdict() for match in matches if match]
        return len(groups) == len(matches) and all(
            one[name] == other[name]
            for one, other in combinations(groups, 2)
            for name in one.keys() & other.keys()
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A call that one side takes and the other refuses.

    Attributes:
        says: What the side that refuses says.
        reason: Why ours does otherwise.
    """

    says: str
    reason: str


def undeclared(found: list[Found], besides: Sequence[Difference] = ()) -> list[Found]:
    """The differences that are declared neither here nor besides."""
    known = (*DIFFERENCES, *besides)
    return [one for one in found if not any(each.covers(one) for each in known)]


_NONE = re.escape(MISSING)
_TIME = r"2026-01-02-03-04-05-678"
_RUN = r"\{States\.UUID\(\)\}-\{\$\$\.State\.RetryCount\}"
_THEIR_JOB = rf"s3://[\w./-]+/[\w-]+-{_TIME}"
_OUR_CODE = r"s3://cdk-hnb659fds-assets-111122223333-[a-z0-9-]+/[0-9a-f]{32}\.d"
_INPUT = "/opt/ml/processing/input"
_URIS = r"(?P<uris>(?:s3a?://[^,]+,)*)"
_LISTS = r"(?:py-files|jars|files)"
_S3_URI = r"ProcessingInputs\[(?P<input>[\w-]+)\]\.S3Input\.S3Uri"
_OPTIONS = r"AppSpecification\.ContainerEntrypoint"
_RUNPROC = f"{_INPUT}/entrypoint/runproc.sh"
_TEXT = r"(?!\(missing\)).*"

_NAMES_OF_JOBS = "a job's name must be another one for each attempt of each execution"
_ASSETS = (
    "code and data of this machine are assets of the CDK, under a prefix of their content, "
    "published before the app is deployed; the SDK uploads them with each job"
)
_EXPLICIT = (
    "the container does not expand a folder that follows an S3 URI, so every file is named; "
    "what the SDK sends then fails in the container"
)
_PACKAGE = (
    "a package goes as a zip, which Python imports; the container looks for files in the folder "
    "that the SDK sends, and not below it"
)
_FOLDER = "a folder stands for its files: the container looks for none below the SDK's folder"
_ALWAYS_LOGS = "event logs are kept unless spark_event_logs=False, for the History Server"
_PLAIN_FILES = (
    "files lie beside the script under their own names, where the SDK packs an archive and has a "
    "shell script of its own unpack it"
)
_TOO_LONG = (
    "an item of the entrypoint holds at most 256 characters, so a longer list goes into the "
    "configuration of Spark; the service refuses the SDK's request"
)

DIFFERENCES = (
    Difference(
        "ProcessingJobName",
        rf"(processing|sklearn|sagemaker-scikit-learn|sagemaker-spark-processing)-{_TIME}",
        rf"(step|preprocess)-[0-9a-f]{{8}}-{_RUN}",
        f"named for the step, not for its image; {_NAMES_OF_JOBS}",
    ),
    Difference(
        "ProcessingJobName",
        rf"(?P<base>[a-z-]+)-{_TIME}",
        rf"(?P<base>[a-z-]+)-{_RUN}",
        f"base_job_name, then what the run adds instead of the time; {_NAMES_OF_JOBS}",
    ),
    Difference(
        "ProcessingJobName",
        r"(?P<base>one-of-my-own)",
        rf"(?P<base>[a-z-]+)-{_RUN}",
        f"job_name is given as base_job_name; {_NAMES_OF_JOBS}",
    ),
    Difference(
        "RoleArn",
        r"arn:aws:iam::111122223333:role/ProcessingRole",
        r"<(Step|Preprocess)Role[0-9A-F]{8}>",
        "a step needs no role: it makes one that may do what the request needs",
    ),
    Difference(
        "RoleArn",
        r"arn:aws:(?P<rest>iam::111122223333:role/ProcessingRole)",
        r"arn:<AWS::Partition>:(?P<rest>.+)",
        "of a role given by name, which the SDK asks IAM for, the CDK leaves the partition open",
    ),
    Difference(
        r"(ProcessingInputs|ProcessingOutputConfig\.Outputs)\[[\w-]+\]\.AppManaged",
        "false",
        _NONE,
        "false is the service's default, and SDK 3 leaves it out too",
    ),
    Difference(
        r"StoppingCondition\.MaxRuntimeInSeconds",
        _NONE,
        "86400",
        "the service's default, written out so that the definition tells when a job ends",
    ),
    Difference(
        r"Tags\[cdk-sagemaker-processing:execution\]",
        _NONE,
        r'\{"Key": "cdk-sagemaker-processing:execution", "Value": "\{\$\$\.Execution\.Id\}"\}',
        "finds the jobs of an execution, in the console and in the bill",
    ),
    Difference(
        "Environment",
        r"\{\}",
        _NONE,
        "the SDK's Spark processors send an empty one; to the service it is the same",
    ),
    Difference(
        r"NetworkConfig\.EnableNetworkIsolation",
        "false",
        _NONE,
        "false is the service's default; what nobody chose is left out",
    ),
    Difference(
        r"NetworkConfig\.EnableInterContainerTrafficEncryption",
        _NONE,
        "true",
        "what several instances send each other is data, and encrypted unless False is asked for",
    ),
    Difference(
        r"ProcessingInputs\[a\]\.S3Input\.S3CompressionType",
        _NONE,
        "None",
        "the service's default, which the SDK leaves out of an S3Input object alone",
    ),
    Difference(
        r"ProcessingInputs\[flights\]\.DatasetDefinition\.DataDistributionType",
        "ShardedByS3Key",
        _NONE,
        "the service's default is left to the service",
    ),
    Difference(
        r"ProcessingInputs\[flights\]\.DatasetDefinition\.InputMode",
        "File",
        _NONE,
        "the service's default is left to the service",
    ),
    Difference(
        r"ProcessingOutputConfig\.Outputs\[(?P<output>\w+)\]\.S3Output\.S3Uri",
        rf"s3://sagemaker-eu-west-1-111122223333/[\w-]+-{_TIME}/output/(?P<output>\w+)",
        r"s3://<ProcessingStorageOutputs[0-9A-F]{8}>/Prod/(Step|Preprocess)/"
        r"\{\$\$\.Execution\.Name\}/(?P<output>\w+)/",
        "outputs of one execution lie together, in a bucket of the stack",
    ),
    # What is uploaded.
    Difference(
        _S3_URI,
        rf"{_THEIR_JOB}/input/(?P<input>[\w-]+)/(?P<file>[\w.]+)",
        rf"{_OUR_CODE}/(?P<input>[\w-]+)/(?P<file>[\w.]+)",
        _ASSETS,
    ),
    Difference(
        _S3_URI,
        rf"{_THEIR_JOB}/input/(?P<input>[\w-]+)",
        rf"{_OUR_CODE}/(?P<input>[\w-]+)/",
        f"{_ASSETS}; a folder ends in a slash, so that no other folder begins with its name",
    ),
    Difference(
        _S3_URI,
        rf"{_THEIR_JOB}/input/(?P<input>{_LISTS})",
        rf"{_OUR_CODE}/(?P<input>{_LISTS})/[\w.]+",
        f"{_ASSETS}; an input of one file names it",
    ),
    # Spark.
    Difference(
        rf"{_OPTIONS}\[--(?P<list>{_LISTS})\]\.Value",
        rf"{_URIS}{_INPUT}/(?P<list>{_LISTS})",
        rf"{_URIS}{_INPUT}/(?P<list>{_LISTS})/[\w.]+(,{_INPUT}/(?P=list)/[\w.]+)*",
        _EXPLICIT,
    ),
    Difference(
        rf"{_OPTIONS}\[--local-spark-event-logs-dir\]",
        _NONE,
        r'\{"Key": "--local-spark-event-logs-dir", "Value": "/opt/ml/processing/spark-events/"\}',
        _ALWAYS_LOGS,
    ),
    Difference(
        r"ProcessingOutputConfig\.Outputs\[spark-event-logs\]",
        _NONE,
        r'\{"OutputName": "spark-event-logs", "S3Output": '
        r'\{"LocalPath": "/opt/ml/processing/spark-events/", "S3UploadMode": "Continuous", '
        r'"S3Uri": "s3://<ProcessingStorageEventLogs[0-9A-F]{8}>/spark-events/"\}\}',
        _ALWAYS_LOGS,
    ),
    Difference(
        r"ProcessingOutputConfig\.Outputs\[(?P<name>output-\d+)\]\.OutputName",
        r"(?P<name>output-\d+)",
        "spark-event-logs",
        "the event logs' output has a name that says what it is, the one of SDK 3",
    ),
    Difference(
        rf"{_OPTIONS}\[(?P<option>--jars|--files)\]",
        r'\{"Key": "(?P<option>--jars|--files)", "Value": "s3://[^"]{250,}"\}',
        _NONE,
        _TOO_LONG,
    ),
    Difference(
        r"ProcessingInputs\[conf\]",
        _NONE,
        rf'\{{"InputName": "conf", "S3Input": \{{"LocalPath": "{_INPUT}/conf", '
        r'"S3CompressionType": "None", "S3DataDistributionType": "FullyReplicated", '
        r'"S3DataType": "S3Prefix", "S3InputMode": "File", '
        rf'"S3Uri": "{_OUR_CODE}/conf/configuration\.json"\}}\}}',
        _TOO_LONG,
    ),
    Difference(
        r"Files\.conf\.configuration\.json",
        _NONE,
        r'\[\{"Classification": "spark-defaults", "Properties": '
        r'\{"spark\.jars": "(s3://dep/a-folder-with-a-long-name/\d\.jar,?){8}"\}\}\]',
        _TOO_LONG,
    ),
    Difference(
        r"Files\.conf\.configuration\.json",
        r'(?P<given>\[\{"Classification": "spark-defaults", "Properties": \{[^}]+)\}\}\]',
        r'(?P<given>\[\{"Classification": "spark-defaults", "Properties": \{[^}]+), '
        r'"spark\.files": "(s3://dep/a-folder-with-a-long-name/\d\.txt,?){8}"\}\}\]',
        _TOO_LONG,
    ),
    Difference(
        r"Files\.py-files\.flights/(__init__|schedule)\.py",
        _TEXT,
        _NONE,
        _PACKAGE,
    ),
    Difference(
        r"Files\.py-files\.flights\.zip",
        _NONE,
        r'\["flights/", "flights/__init__\.py", "flights/schedule\.py"\]',
        _PACKAGE,
    ),
    Difference(
        r"Files\.jars\.jars/(one|two)\.jar",
        _TEXT,
        _NONE,
        _FOLDER,
    ),
    Difference(
        r"Files\.jars\.(?P<name>one|two)\.jar",
        _NONE,
        r"(?P<name>one|two)\n",
        _FOLDER,
    ),
    # FrameworkProcessor.
    Difference(
        r"ProcessingInputs\[code\]\.S3Input\.S3Uri",
        rf"{_THEIR_JOB}/source/sourcedir\.tar\.gz",
        rf"{_OUR_CODE}/code/(preprocess\.py)?",
        _PLAIN_FILES,
    ),
    Difference(
        r"ProcessingInputs\[code\]\.S3Input\.LocalPath",
        rf"(?P<folder>{_INPUT}/code)/",
        rf"(?P<folder>{_INPUT}/code)",
        "the same folder, written as in all other jobs",
    ),
    Difference(
        r"ProcessingInputs\[entrypoint\]",
        rf'.*"InputName": "entrypoint".*"S3Uri": "{_THEIR_JOB}/source/runproc\.sh"\}}\}}',
        _NONE,
        f"{_PLAIN_FILES}; without requirements there is nothing to do before the script",
    ),
    Difference(
        r"Files\.entrypoint\.runproc\.sh",
        r'#!/bin/bash\n.*\ntar -xzf sourcedir\.tar\.gz\n.*\n[\w .-]+\.py "\$@"\n',
        _NONE,
        f"{_PLAIN_FILES}; without requirements there is nothing to do before the script",
    ),
    Difference(
        _OPTIONS,
        rf'\["/bin/bash", "{_RUNPROC}"\]',
        rf'\["python3", ("-u", )?"{_INPUT}/code/(main|preprocess)\.py"\]',
        "without requirements the script is run as it is; Runs tells that it is the same one",
    ),
    Difference(
        r"ProcessingInputs\[entrypoint\]\.S3Input\.S3Uri",
        rf"{_THEIR_JOB}/source/runproc\.sh",
        rf"{_OUR_CODE}/entrypoint/runproc\.sh",
        _ASSETS,
    ),
    Difference(
        r"Files\.entrypoint\.runproc\.sh",
        r"#!/bin/bash\n.*\ntar -xzf sourcedir\.tar\.gz\n.*-m pip install -r requirements\.txt\n.*",
        r"#!/bin/bash\n.*-m pip install .*--requirement .*\nexec -- \"\$@\"\n",
        "the same script for all jobs, which is told what to install and what to run",
    ),
    Difference(
        _OPTIONS,
        rf'\["/bin/bash", "{_RUNPROC}"\]',
        rf'\["/bin/bash", "{_RUNPROC}", "{_INPUT}/code/requirements.txt", '
        rf'"python3", "{_INPUT}/code/main\.py"\]',
        "requirements are asked for, and the shell script is told of them",
    ),
    Difference(
        "Runs",
        r'\["python", (?P<script>"(main|preprocess)\.py")\]',
        r'\["python3", (?P<script>"(main|preprocess)\.py")\]',
        "one default of command for all script steps, that of SKLearnProcessor",
    ),
)

# What the SDK sends and a step refuses: the message, and why.
REFUSED = {
    "framework_source_dir_on_s3": Verdict(
        "is an archive, which nothing unpacks", "source_dir on S3 is a folder of plain files"
    ),
    "inputs_at_one_path": Verdict(
        "share the folder", "two inputs would lie over each other in the container"
    ),
    "inputs_fast_file": Verdict(
        "'FastFile' is not one of Pipe, File", "the service's model has no FastFile for processing"
    ),
    "inputs_of_one_name": Verdict(
        "two of one name", "the service refuses it: names must be unique in a request"
    ),
    "inputs_too_many": Verdict("must be 0 to 10 items, got 11", "the service refuses it"),
    "outputs_to_feature_store_and_s3": Verdict(
        "it has no folder and no S3 URI",
        "the service refuses it: an output goes either to S3 or to a feature group",
    ),
    "processor_argument_too_long": Verdict(
        "must be 0 to 256 characters, got 257", "the service refuses it"
    ),
    "processor_base_job_name_in_capitals": Verdict(
        "lower-case letters, digits and hyphens",
        "permissions name jobs by their ARNs, which are in lower case",
    ),
    "processor_base_job_name_not_allowed": Verdict(
        "lower-case letters, digits and hyphens", "the service refuses an underscore"
    ),
    "processor_key_on_local_storage": Verdict(
        "no key can be given with ml.g5.xlarge", "the service refuses it"
    ),
    "processor_long_base_job_name": Verdict(
        "base_job_name must be 1 to 22", "the SDK cuts it; cut, two steps' names could be one"
    ),
    "pyspark_configuration_nested_unknown": Verdict(
        "Classification must be 'export'", "the container fails on it"
    ),
    "pyspark_files_of_one_name": Verdict(
        "two files of one name", "one would lie over the other in the container"
    ),
    "pyspark_rolling_event_logs": Verdict(
        "spark.eventLog.rolling.enabled", "the container stops copying event logs at a folder"
    ),
}

# What the SDK refuses and a step takes: what the SDK says, and why.
ACCEPTED = {
    "processor_no_arguments": Verdict(
        "valid min length: 1", "an empty list is the same as none, and is left out"
    ),
}
