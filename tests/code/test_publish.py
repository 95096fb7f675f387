"""A bundle published by the CDK, under names that it keeps."""

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import cdk_sagemaker_processing as processing
from tests.support import definition, machine_of, new_stack


def assets_of(stack: cdk.Stack) -> dict[str, tuple[str, Path]]:
    """The stack's assets: key in the bucket, and the staged file."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    assembly = stage.synth()
    manifest = Path(assembly.directory, f"{stack.artifact_id}.assets.json")
    files = json.loads(manifest.read_text())["files"].values()
    return {
        next(iter(one["destinations"].values()))["objectKey"]: (
            one["source"]["packaging"],
            Path(assembly.directory, one["source"]["path"]),
        )
        for one in files
    }


def test_files_keep_their_names(stack: cdk.Stack, script: Path) -> None:
    """The object's key ends in the file's own name and the staged file is what it was."""
    processing.SKLearnStep(stack, "Clean", code=script)

    keys = {key: one for key, one in assets_of(stack).items() if "/code/" in key}

    ((key, (packaging, path)),) = keys.items()
    assert re.fullmatch(r"[0-9a-f]{32}\.d/code/clean\.py", key)
    assert packaging == "file"
    assert path.read_bytes() == script.read_bytes()


def test_names_that_differ_in_extension_alone_stay_apart(stack: cdk.Stack, script: Path) -> None:
    """The CDK makes an asset's id of its name, so both must be in it."""
    for name in ("data.csv", "data.json", "data", ".hidden", "lib.tar.gz"):
        (script.parent / name).write_text(name)

    processing.SKLearnStep(stack, "Clean", code="clean.py", source_dir=script.parent)

    names = {key.split(".d/code/")[1] for key in assets_of(stack) if ".d/code/" in key}
    assert names == {"clean.py", "data.csv", "data.json", "data", ".hidden", "lib.tar.gz"}


def test_a_running_pipelines_code_outlives_garbage_collection(
    stack: cdk.Stack, script: Path
) -> None:
    """``cdk gc`` keeps an object while a deployed template holds its key up to the first dot."""
    machine = machine_of(processing.SKLearnStep(stack, "Clean", code=script))

    deployed = json.dumps(definition(machine))

    keys = [key for key in assets_of(stack) if "/code/" in key]
    assert keys
    assert all(key.split(".")[0] in deployed for key in keys)
    assert all(re.fullmatch(r"[0-9a-f]{32}", key.split(".")[0]) for key in keys)


def test_a_stage_finds_the_files_of_its_app(tmp_path: Path, script: Path) -> None:
    """A stage has an assembly of its own; the files lie in the app's."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    stack = cdk.Stack(cdk.Stage(app, "Prod"), "Jobs")
    processing.SKLearnStep(stack, "Clean", code=script)

    ((_, path),) = [one for key, one in assets_of(stack).items() if "/code/" in key]

    assert path.read_bytes() == script.read_bytes()


def test_a_bucket_prefix_of_the_synthesizer_is_kept(tmp_path: Path, script: Path) -> None:
    """A bootstrap bucket may be shared under prefixes."""
    stack = cdk.Stack(
        cdk.App(outdir=str(tmp_path / "cdk.out")),
        "Prod",
        synthesizer=cdk.DefaultStackSynthesizer(bucket_prefix="team-a/"),
    )
    step = processing.SKLearnStep(stack, "Clean", code=script)

    uri = str(step.render_request()["ProcessingInputs"][0]["S3Input"]["S3Uri"])

    assert re.search(r"/team-a/[0-9a-f]{32}\.d/code/clean\.py", uri)


def test_a_synthesizer_shared_by_stacks_is_refused(tmp_path: Path, script: Path) -> None:
    """Python cannot reach the copy of the second stack, whose bucket may be another."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    shared = cdk.DefaultStackSynthesizer(qualifier="team")
    first, second = (cdk.Stack(app, name, synthesizer=shared) for name in ("A", "B"))
    processing.SKLearnStep(first, "Clean", code=script)

    with pytest.raises(processing.ValidationError, match="a synthesizer of its own"):
        processing.SKLearnStep(second, "Clean", code=script)


def test_a_nested_stack_publishes_through_its_parent(stack: cdk.Stack, script: Path) -> None:
    """Its files are in the parent's manifest, as the CDK's own assets are."""
    processing.SKLearnStep(cdk.NestedStack(stack, "Inner"), "Clean", code=script)

    assert [key.split(".d/")[1] for key in assets_of(stack) if ".d/" in key] == ["code/clean.py"]


def test_another_content_is_another_key(tmp_path: Path, script: Path) -> None:
    """So a deploy with an edited script changes the definition."""

    def uri() -> str:
        stack = new_stack(tmp_path)
        step = processing.SKLearnStep(stack, "Clean", code=script)
        return str(step.render_request()["ProcessingInputs"][0]["S3Input"]["S3Uri"])

    before = uri()
    assert uri() == before
    script.write_text("print('cleaner')\n")

    assert uri() != before


def test_many_files_are_where_the_first_is(stack: cdk.Stack, script: Path) -> None:
    """The CDK is asked for the place of one, and told of the others; of a second bundle too."""
    for name in "abc":
        (script.parent / f"{name}.csv").write_text(name)
    others = script.parent.parent / "others"
    others.mkdir()
    (others / "other.py").write_text("print('other')\n")

    steps = [
        processing.SKLearnStep(stack, "Clean", code="clean.py", source_dir=script.parent),
        processing.SKLearnStep(stack, "Other", code=others / "other.py"),
    ]

    uris = [str(one.render_request()["ProcessingInputs"][0]["S3Input"]["S3Uri"]) for one in steps]
    published = {key: path.read_text() for key, (_, path) in assets_of(stack).items()}
    for uri, held in (
        (uris[0], {f"{name}.csv": name for name in "abc"} | {"clean.py": script.read_text()}),
        (uris[1].removesuffix("other.py"), {"other.py": "print('other')\n"}),
    ):
        prefix = re.findall(r"[0-9a-f]{32}\.d/code/", uri)[0]
        found = {k.removeprefix(prefix): v for k, v in published.items() if k.startswith(prefix)}
        assert found == held


class Own(cdk.DefaultStackSynthesizer):
    """A user's own kind."""


@pytest.mark.parametrize(("kind", "asked"), [(cdk.DefaultStackSynthesizer, 1), (Own, 2)])
def test_a_synthesizer_of_the_users_own_is_asked_for_each_file(
    tmp_path: Path,
    script: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[cdk.DefaultStackSynthesizer],
    asked: int,
) -> None:
    """What it answers for one may say nothing of the others."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    stack = cdk.Stack(app, "Prod", synthesizer=kind())
    (script.parent / "b").write_text("b")
    answer = cdk.DefaultStackSynthesizer.add_file_asset
    names = []

    def counted(
        synthesizer: cdk.DefaultStackSynthesizer, *, source_hash: str, **asset: Any
    ) -> cdk.FileAssetLocation:
        names.append(source_hash.partition("/")[2])
        return answer(synthesizer, source_hash=source_hash, **asset)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "add_file_asset", counted)
        processing.SKLearnStep(stack, "Clean", code="clean.py", source_dir=script.parent)

    assert len(names) == asked
    assert len([key for key in assets_of(stack) if "/code/" in key]) == 2


def test_a_synthesizer_that_renames_files_is_refused(tmp_path: Path, script: Path) -> None:
    """With the legacy one a file's name is known only at deploy."""
    stack = cdk.Stack(
        cdk.App(outdir=str(tmp_path / "cdk.out")),
        "Prod",
        synthesizer=cdk.LegacyStackSynthesizer(),
    )

    with pytest.raises(processing.ValidationError, match="DefaultStackSynthesizer"):
        processing.SKLearnStep(stack, "Clean", code=script)
