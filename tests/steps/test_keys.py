"""KMS keys as users give them, and who may use them then."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, resolved, statements_of, template_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234"
OUT = processing.ProcessingOutput("out", destination="s3://lake/out/")
DECRYPT = "kms:Decrypt"
ON_VOLUMES = ["kms:CreateGrant", "kms:DescribeKey"]


def step_with(stack: cdk.Stack, name: str = "Clean", **options: Any) -> processing.ProcessingStep:
    """A step with one output."""
    return processing.ProcessingStep(
        stack, name, **{"image_uri": IMAGE, "outputs": [OUT], **options}
    )


def uses_of_keys(stack: cdk.Stack, part: str = "CleanRole") -> dict[str, list[str]]:
    """The actions on keys that roles and policies allow, by the key."""
    found: dict[str, list[str]] = {}
    for one in statements_of(stack, part):
        actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
        if actions[0].startswith("kms:"):
            found.setdefault(str(one["Resource"]), []).extend(actions)
    return {key: sorted(set(actions)) for key, actions in found.items()}


ON_DATA = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
KEYS: dict[str, tuple[Callable[[cdk.Stack], Any], str, str]] = {
    "made in the stack": (lambda stack: kms.Key(stack, "Key"), "<Key961B73FD>", "<Key961B73FD>"),
    "imported": (lambda stack: kms.Key.from_key_arn(stack, "Key", ARN), ARN, ARN),
    "ARN": (lambda _: ARN, ARN, ARN),
    "id": (
        lambda _: "1234",
        "1234",
        "arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/1234",
    ),
    "an alias made in the stack": (
        lambda stack: kms.Alias(
            stack, "Alias", alias_name="alias/lake", target_key=kms.Key(stack, "Key")
        ),
        "arn:<AWS::Partition>:kms:eu-west-1:111122223333:alias/lake",
        "<Key961B73FD>",
    ),
    "an ARN of the deploy": (
        lambda stack: stack.format_arn(service="kms", resource="key", resource_name="1234"),
        "arn:<AWS::Partition>:kms:eu-west-1:111122223333:key/1234",
        "arn:<AWS::Partition>:kms:eu-west-1:111122223333:key/1234",
    ),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_stands_in_the_request_and_may_be_used(stack: cdk.Stack, kind: str) -> None:
    """Volumes and outputs have their own actions on it, each allowed once."""
    make, written, named = KEYS[kind]
    key = make(stack)

    step = step_with(stack, volume_kms_key=key, output_kms_key=key)

    request = resolved(stack, step.render_request())
    assert request["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == written
    assert request["ProcessingOutputConfig"]["KmsKeyId"] == written
    assert uses_of_keys(stack) == {named: sorted([*ON_DATA, *ON_VOLUMES])}


@pytest.mark.parametrize("kind", ["text", "ARN", "imported"])
def test_the_key_behind_an_alias_may_be_used(stack: cdk.Stack, kind: str) -> None:
    """Which key it is, is not known: the alias is the condition."""
    here = "arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>"
    makers: dict[str, Callable[[], Any]] = {
        "text": lambda: "alias/lake",
        "ARN": lambda: ARN.replace("key/1234", "alias/lake"),
        "imported": lambda: kms.Alias.from_alias_name(stack, "Alias", "alias/lake"),
    }
    key = makers[kind]()

    step_with(stack, volume_kms_key=key, output_kms_key=key)

    uses = [one for one in statements_of(stack, "CleanRole") if "kms:" in str(one["Action"])]
    assert {str(one["Condition"]) for one in uses} == {
        "{'ForAnyValue:StringEquals': {'kms:ResourceAliases': 'alias/lake'}}"
    }
    assert sorted(len(one["Action"]) for one in uses) == [2, 4]
    (where,) = {one["Resource"] for one in uses}
    assert where.startswith("arn:")
    assert where.endswith(":key/*")
    assert where == f"{here}:key/*" if kind == "text" else "111122223333" in where


def test_a_key_of_another_stack_may_be_used(tmp_path: Path) -> None:
    """Its stack exports it and knows nothing of the job."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    keys, jobs = cdk.Stack(app, "Keys"), cdk.Stack(app, "Jobs")
    key = kms.Key(keys, "Key")
    machine_of(step_with(jobs, volume_kms_key=key, output_kms_key=key))

    app.synth()

    (actions,) = uses_of_keys(jobs).values()
    assert actions == sorted([*ON_DATA, *ON_VOLUMES])
    assert [one["Type"] for one in template_of(keys)["Resources"].values()] == ["AWS::KMS::Key"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (sfn.JsonPath.string_at("$.key"), r"the key '\{\$.key\}' is known only at run time"),
        ("{% $states.input.key %}", r"the key '\{\$states.input.key\}' is known only at run time"),
        (cdk.Fn.import_value("key"), "is known only at deploy"),
    ],
    ids=["JSONPath", "JSONata", "deploy"],
)
@pytest.mark.parametrize("argument", ["volume_kms_key", "output_kms_key"])
def test_a_key_that_nobody_can_name_needs_a_role(
    stack: cdk.Stack, argument: str, value: str, words: str
) -> None:
    """The message names the argument; a role of the user's may use any key."""
    options: dict[str, Any] = {argument: value}
    with pytest.raises(processing.ValidationError, match=rf"{argument}: .*{words}.*role="):
        step_with(stack, **options)

    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    step_with(stack, "Other", role=role, **options)

    assert uses_of_keys(stack, "Own") == {}


@pytest.mark.parametrize("value", [5, "", True, ["1234"]], ids=str)
def test_what_is_no_key_is_refused(stack: cdk.Stack, value: Any) -> None:
    """By its argument."""
    with pytest.raises(
        processing.ValidationError, match=r"output_kms_key must be a kms.IKey, or a key's id, ARN"
    ):
        step_with(stack, output_kms_key=value)


@pytest.mark.parametrize("kind", ["key", "ARN", "alias"])
def test_who_reads_an_output_may_decrypt_it(stack: cdk.Stack, kind: str) -> None:
    """By the key that its step encrypted it with, not the storage's."""
    makers: dict[str, Callable[[], Any]] = {
        "key": lambda: kms.Key(stack, "Key"),
        "ARN": lambda: ARN,
        "alias": lambda: "alias/lake",
    }
    made = makers[kind]()
    first = step_with(
        stack, "First", output_kms_key=made, outputs=[processing.ProcessingOutput("out")]
    )

    processing.ProcessingStep(
        stack,
        "Second",
        image_uri=IMAGE,
        inputs=[processing.ProcessingInput(first.output("out"))],
    )

    (use,) = [one for one in statements_of(stack, "SecondRole") if "kms:" in str(one["Action"])]
    assert use["Action"] == DECRYPT
    named = {"key": "<Key961B73FD>", "ARN": ARN}.get(kind)
    if named:
        assert use["Resource"] == named
    else:
        assert use["Condition"] == {
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/lake"}
        }


@pytest.mark.parametrize("by", ["inputs", "overrides"])
def test_who_reads_from_an_encrypted_storage_may_decrypt_it(stack: cdk.Stack, by: str) -> None:
    """Whether it says so by an input or by an override of one."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    first = step_with(stack, "First", storage=storage, outputs=[processing.ProcessingOutput("out")])
    uri = first.output("out")
    options: dict[str, Any] = (
        {"inputs": [processing.ProcessingInput(uri)]}
        if by == "inputs"
        else {
            "inputs": [processing.ProcessingInput("s3://raw/x/")],
            "request_overrides": {"ProcessingInputs[0].S3Input.S3Uri": uri},
        }
    )

    processing.ProcessingStep(stack, "Second", image_uri=IMAGE, **options)

    assert uses_of_keys(stack, "SecondRole") == {"<Key961B73FD>": [DECRYPT]}


def test_the_key_of_a_querys_result_may_be_used(stack: cdk.Stack) -> None:
    """Athena writes it in the role's name."""
    query = processing.AthenaDatasetDefinition(
        catalog="AwsDataCatalog",
        database="flights",
        query_string="SELECT 1",
        output_format="PARQUET",
        output_s3_uri="s3://results/",
        kms_key_id=kms.Key(stack, "Key"),
    )

    step = step_with(stack, inputs=[processing.ProcessingInput(query)])

    found = resolved(stack, step.render_request())["ProcessingInputs"][0]["DatasetDefinition"]
    assert found["AthenaDatasetDefinition"]["KmsKeyId"] == "<Key961B73FD>"
    assert uses_of_keys(stack) == {"<Key961B73FD>": ON_DATA}


def test_a_role_of_the_users_may_use_the_keys(stack: cdk.Stack) -> None:
    """An imported one through a policy beside it; one that is not ours is left alone."""
    ours = iam.Role.from_role_arn(stack, "Ours", "arn:aws:iam::111122223333:role/ours")
    theirs = iam.Role.from_role_arn(
        stack, "Theirs", "arn:aws:iam::111122223333:role/theirs", mutable=False
    )
    key = kms.Key(stack, "Key")
    step_with(stack, "A", role=ours, volume_kms_key=key, output_kms_key="1234")
    step_with(stack, "B", role=theirs, volume_kms_key=key, output_kms_key="1234")

    assert uses_of_keys(stack, "OursPolicy") == {
        "<Key961B73FD>": ON_VOLUMES,
        "arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/1234": ON_DATA,
    }
    assert uses_of_keys(stack, "Theirs") == {}


def test_a_key_of_another_account_names_the_role(tmp_path: Path) -> None:
    """Both accounts must allow it: the key's policy names the job's role."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    keys = cdk.Stack(app, "Keys", env=cdk.Environment(account="444455556666", region="eu-west-1"))
    jobs = cdk.Stack(app, "Jobs", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    key = kms.Key(keys, "Key", alias="lake")
    step_with(jobs, volume_kms_key=key)

    app.synth()

    (policy,) = [
        resolved(keys, one["Properties"]["KeyPolicy"]["Statement"])
        for one in template_of(keys)["Resources"].values()
        if one["Type"] == "AWS::KMS::Key"
    ]
    assert any("role/" in str(one["Principal"]) for one in policy)


def test_who_writes_into_anothers_place_may_encrypt_there(stack: cdk.Stack) -> None:
    """With the key of the storage that the place is in."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    first = step_with(stack, "First", storage=storage, outputs=[processing.ProcessingOutput("out")])

    step_with(
        stack,
        "Second",
        outputs=[processing.ProcessingOutput("more", destination=f"{first.output('out')}more/")],
    )

    (actions,) = uses_of_keys(stack, "SecondRole").values()
    assert "kms:GenerateDataKey*" in actions


@pytest.mark.parametrize("app_managed", [False, True])
def test_a_key_for_outputs_spares_the_storages(stack: cdk.Stack, app_managed: bool) -> None:
    """What SageMaker writes has that key; a container that writes by itself has the storage's."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    output = processing.ProcessingOutput("out", app_managed=app_managed)

    step_with(stack, storage=storage, output_kms_key=ARN, outputs=[output])

    others = {"<Key961B73FD>": ON_DATA} if app_managed else {}
    assert uses_of_keys(stack) == {ARN: ON_DATA, **others}


def test_a_storage_that_is_not_written_to_gives_no_key(stack: cdk.Stack) -> None:
    """One storage may be given to all steps, those too that write elsewhere."""
    key = kms.Key(stack, "Key")
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=key)
    processing.ProcessingStep(
        stack,
        "Clean",
        image_uri="111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7",
        storage=storage,
        outputs=[processing.ProcessingOutput("out", destination="s3://lake/clean/")],
    )

    actions = [one["Action"] for one in statements_of(stack, "CleanRole")]
    assert not any("kms:" in str(action) for action in actions)
