"""Files that nobody means to upload, told by their names."""

import json
from pathlib import Path

import pytest

from cdk_sagemaker_processing.code.secret_files import may_hold_secrets

SECRET = [
    *(".env", ".ENV", ".env.local", ".env.production", ".env.example.local", ".envrc"),
    *("server.pem", "Server.PEM", "a.key", "store.p12", "store.pfx", "a.jks", "a.kdbx", "a.ppk"),
    *("id_rsa", "id_rsa.old", "id_ed25519", "id_ecdsa-work", "id_dsa", "deploy_rsa", "me_ed25519"),
    *(".netrc", "_netrc", ".pypirc", ".npmrc", ".git-credentials", ".pgpass", ".htpasswd"),
    *("terraform.tfvars", "credentials.json", "application_default_credentials.json"),
    *(".git", ".aws", ".ssh", ".gnupg", ".kube", ".hg"),
]
PLAIN = [
    *(".env.example", ".env.sample", ".env.template", ".env.dist", "env", "env.py", "dotenv.py"),
    *("server.pem.example", "id_rsa.pub", "id_rsa_reader.py", "key", "keys.csv", "monkey"),
    *("pem.py", "model.pkl", "credentials.py", "secrets.py", "settings.json", "netrc.py"),
    *(".gitignore", ".gitattributes", ".github", "aws", "git", "ssh", "a.crt", "README.md"),
]
ACCOUNT = {
    "type": "service_account",
    "private_key_id": "0f",
    "private_key": "-----BEGIN PRIVATE KEY-----",
}


@pytest.mark.parametrize("name", SECRET)
def test_names_of_secrets_are_known(tmp_path: Path, name: str) -> None:
    """In small letters and in capitals, with an ending that keeps a copy."""
    (tmp_path / name).touch()

    assert may_hold_secrets(tmp_path / name, tmp_path)


@pytest.mark.parametrize("name", PLAIN)
def test_other_names_are_not(tmp_path: Path, name: str) -> None:
    """Templates, public halves of keys, and Python that only speaks of secrets."""
    (tmp_path / name).touch()

    assert not may_hold_secrets(tmp_path / name, tmp_path)


@pytest.mark.parametrize(
    ("folder", "name", "secret"),
    [
        (".docker", "config.json", True),
        ("docker", "config.json", False),
        (".docker", "nginx.conf", False),
        (".aws", "credentials", True),
        (".aws/sso", "config", True),
        ("gcloud", "credentials.db", True),
    ],
)
def test_some_names_are_of_secrets_in_one_folder(
    tmp_path: Path, folder: str, name: str, *, secret: bool
) -> None:
    """Be it the folder that is uploaded or one below."""
    within = tmp_path / folder
    within.mkdir(parents=True)
    (within / name).touch()

    assert may_hold_secrets(within / name, tmp_path) is (secret and within.parent == tmp_path)
    assert may_hold_secrets(within / name, within.parent) is secret


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (json.dumps(ACCOUNT), True),
        (json.dumps({**ACCOUNT, "type": "authorized_user"}), False),
        (json.dumps({"type": "service_account"}), False),
        (json.dumps([ACCOUNT]), False),
        ("{", False),
        ("", False),
        (json.dumps(ACCOUNT) + " " * 20_000, False),
    ],
)
def test_a_google_key_is_known_by_what_it_holds(
    tmp_path: Path, content: str, *, secret: bool
) -> None:
    """It may have any name; other JSON, and what is too long to be one, is data."""
    (tmp_path / "project-0f1e2d.json").write_text(content)

    assert may_hold_secrets(tmp_path / "project-0f1e2d.json", tmp_path) is secret


@pytest.mark.parametrize("target", [".env", "deep/id_rsa", ".git", ".aws/credentials", "key.json"])
def test_a_link_is_as_secret_as_what_it_leads_to(tmp_path: Path, target: str) -> None:
    """Under whichever name."""
    for name in (".env", "deep/id_rsa", ".git/config", ".aws/credentials"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "key.json").write_text(json.dumps(ACCOUNT))
    (tmp_path / "plain.json").symlink_to(target)
    (tmp_path / "settings.txt").symlink_to("deep")

    assert may_hold_secrets(tmp_path / "plain.json", tmp_path)
    assert not may_hold_secrets(tmp_path / "settings.txt", tmp_path)
