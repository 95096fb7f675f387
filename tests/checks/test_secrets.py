"""Which text looks like a secret."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cdk_sagemaker_processing.checks.secrets import is_secret_name, secret_value, secrets_in
from cdk_sagemaker_processing.checks.unknown import UNKNOWN
from tests.checks.samples import CERTAIN, PASSWORD, TOKEN

AWS_SECRET = "wJa1rXUtnF3MI/K7MD3NG/bPxRf1CY+" + "ZqVbNm012"
SECRET_NAMES = [
    "DB_PASSWORD",
    "apiKey",
    "--api-key",
    "ACCESS_TOKEN",
    "clientSecret",
    "fs.secret.key",
]
WORDS = ["prod", "flights", "daily", "Customer", "report", "eu", "west", "2024", "v2", "ml", "m5"]

words = st.sampled_from(WORDS)
names_of_words = st.lists(words, min_size=1, max_size=6).flatmap(
    lambda some: st.sampled_from("-_./ ").map(lambda joint: joint.join(some))
)
places = st.one_of(
    names_of_words.map(lambda one: f"s3://bucket/{one}"),
    names_of_words.map(lambda one: f"/{one}"),
    st.text(string.ascii_letters, min_size=6, max_size=6).map(
        lambda end: f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-{end}"
    ),
    names_of_words.map(lambda one: f"arn:aws:ssm:eu-west-1:111122223333:parameter/{one}"),
    st.dates().map(str),
    st.integers().map(str),
    st.booleans().map(str),
    names_of_words,
)


@pytest.mark.parametrize(("kind", "secret"), CERTAIN.items(), ids=CERTAIN)
@given(
    before=st.sampled_from(["", "--key=", "Bearer ", '{"k": "']),
    after=st.sampled_from(["", " x", '"}']),
)
def test_what_an_issuer_gave_a_form_is_certain(
    kind: str, secret: str, before: str, after: str
) -> None:
    """Keys and tokens are found wherever in a text they stand."""
    found = list(secrets_in(f"{before}{secret}{after}"))

    assert [(one.kind, one.certain) for one in found] == [(kind, True)]


@pytest.mark.parametrize("secret", CERTAIN.values(), ids=CERTAIN)
def test_no_secret_is_shown(secret: str) -> None:
    """What is told of a secret is the prefix that all of its kind have."""
    (found,) = secrets_in(secret)

    assert found.shown.endswith("…")
    assert secret.startswith(("https://", found.shown.removesuffix("…")))
    assert TOKEN[:12] not in found.shown


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "--secret-access-key", "aws_secret"])
def test_an_aws_secret_access_key_is_certain_by_its_name(name: str) -> None:
    """Forty characters alone might be a hash; under such a name they are none."""
    found = secret_value(name, AWS_SECRET)

    assert found is not None
    assert (found.kind, found.certain) == ("an AWS secret access key", True)
    assert secret_value("COMMIT", AWS_SECRET) is None


@given(
    name=st.sampled_from(SECRET_NAMES),
    drawn=st.permutations(string.ascii_letters),
    length=st.integers(16, 52),
)
def test_random_values_under_a_secrets_name_are_likely(
    name: str, drawn: list[str], length: int
) -> None:
    """Whatever the case and the joints of the name; digits tell them from words."""
    found = secret_value(name, f"7{''.join(drawn[:length])}")

    assert found is not None
    assert not found.certain


@pytest.mark.parametrize(
    "text",
    [
        f"postgres://user:{PASSWORD}@db:5432/flights",
        f"redis://:{TOKEN}@cache",
        f"jdbc:postgresql://db/flights?user=a&password={PASSWORD}",
        f"Server=db;Password={PASSWORD};",
        f'{{"apiToken": "{TOKEN}"}}',
        f"--client-secret={TOKEN}",
        "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0." + TOKEN,
        "{{resolve:secretsmanager:db:SecretString:password::}}",
        "{{resolve:ssm-secure:/prod/password:1}}",
    ],
)
def test_what_only_its_surroundings_tell_is_likely(text: str) -> None:
    """In a URL, beside a name within the text, or as CloudFormation would write it out."""
    (found,) = secrets_in(text)

    assert not found.certain
    assert PASSWORD not in found.shown
    assert TOKEN not in found.shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_ARN", TOKEN),
        ("PASSWORD_FILE", TOKEN),
        ("SORT_KEY", TOKEN),
        ("KMS_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ("S3_KEY", "flights/2024/part-00000-9f8e7d6c5b4a.parquet"),
        ("TOKENIZER", TOKEN),
        ("max_tokens", "4096"),
        ("COMMIT", TOKEN),
        ("DB_PASSWORD", "prod-db-password"),
        ("DB_PASSWORD", "${PASSWORD}"),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", f"{UNKNOWN}Abc123"),
        ("API_TOKEN", "my-example-token-123456"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"),
    ],
)
def test_names_of_other_things_and_what_stands_for_a_secret_are_none(name: str, value: str) -> None:
    """Where a secret is, another kind of key, or a value that somebody shall fill in."""
    assert secret_value(name, value) is None


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "postgres://user:password@db",
        "postgres://user:${PASSWORD}@db",
        f"postgres://user:{UNKNOWN}@db",
        "https://example.com:8443/path@2",
        "s3://bucket/AKIA/2024",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_examples_and_lookalikes_are_none(text: str) -> None:
    """AWS's documentation, placeholders, and what only begins like a secret."""
    assert list(secrets_in(text)) == []


@given(name=st.sampled_from([*SECRET_NAMES, "DAY", "MODE", "--input"]), value=places)
@example(name="DB_PASSWORD", value="/prod/db/password")
def test_where_a_secret_is_can_be_told(name: str, value: str) -> None:
    """ARNs, names of parameters, paths, dates and numbers are none, whatever their name."""
    assert secret_value(name, value) is None
    assert list(secrets_in(f"{name.strip('-')}={value}")) == []


@given(st.text())
def test_any_text_is_none(text: str) -> None:
    """What nobody made to be a secret is not taken for one."""
    assert list(secrets_in(text)) == []
    assert secret_value("MODE", text) is None


@given(st.lists(st.text(string.ascii_letters, min_size=1, max_size=12), max_size=20))
def test_sentences_are_none(some: list[str]) -> None:
    """Not even under a secret's name: a secret is not made of words and blanks."""
    assert secret_value("ACCESS_TOKEN", " ".join(some)) is None


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_names_are_read_word_by_word(name: str) -> None:
    """However the words are joined."""
    assert is_secret_name(name)
    assert not is_secret_name(f"{name}_ARN")
