"""pip's requirements files, read for what they say of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.code.pip_format import Line, read_line, read_lines

NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?", fullmatch=True).filter(
    # Such a name would be an archive's.
    lambda name: "." not in name[1:] or not name.lower().endswith(("zip", "tar", "gz", "whl", "xz"))
)
BLANK = st.sampled_from(["", " "])
VERSIONS = st.lists(
    st.tuples(
        st.sampled_from(["==", ">=", "<=", "!=", "~=", "===", "<", ">"]),
        st.sampled_from(["1", "2.2.3", "1.0.*", "2!1.0rc1.post2+local.1"]),
    ).map("".join),
    max_size=3,
)
ENDS = st.sampled_from(
    ["", "; python_version < '3.12'", " ; sys_platform == 'linux'", " --hash=sha256:0af1"]
)


@given(
    name=NAMES,
    blank=BLANK,
    extras=st.sampled_from(["", "[a]", "[a,b]"]),
    versions=VERSIONS,
    end=ENDS,
)
def test_a_requirement_is_one_however_it_is_written(
    name: str, blank: str, extras: str, versions: list[str], end: str
) -> None:
    """Of any name, with extras, versions, a marker, hashes."""
    assert read_line(f"{name}{extras}{blank}{f',{blank}'.join(versions)}{end}") == Line()


@pytest.mark.parametrize(
    "line",
    [
        "pandas (>=2)",
        "git+https://host.test/a/b.git@v1#egg=b",
        "https://host.test/a-1.0-py3-none-any.whl",
        "a @ https://host.test/a.zip",
        "a[x] @ git+ssh://git@host.test/a.git ; python_version > '3'",
        "-e git+https://host.test/a.git#egg=a",
        "--index-url https://host.test/simple --extra-index-url=https://other.test",
        "--find-links https://host.test/wheels",
        "-r https://host.test/list.txt",
        "--pre",
        "--only-binary :all:",
    ],
)
def test_what_lies_elsewhere_says_nothing_of_this_machine(line: str) -> None:
    """Addresses and options of pip's own are pip's matter."""
    assert read_line(line) == Line()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-r base.txt", Line(includes=("base.txt",))),
        ("-rbase.txt", Line(includes=("base.txt",))),
        ("--requirement=base.txt", Line(includes=("base.txt",))),
        ("-c 'two words.txt'", Line(includes=("two words.txt",))),
        ("--constraint limits.txt", Line(includes=("limits.txt",))),
        ("-f wheels", Line(folders=("wheels",))),
        ("--no-index --find-links=wheels", Line(folders=("wheels",), no_index=True)),
        ("./lib", Line(paths=("./lib",))),
        ("../lib[extra] ; python_version > '3'", Line(paths=("../lib",))),
        ("-e .", Line(paths=(".",))),
        ("--editable ./lib", Line(paths=("./lib",))),
        ("a-1.0-py3-none-any.whl --hash=sha256:0af1", Line(paths=("a-1.0-py3-none-any.whl",))),
        ("libs/a", Line(paths=("libs/a",))),
        ("file:///opt/a", Line(paths=("file:///opt/a",))),
        ("a @ file:///opt/a", Line(paths=("file:///opt/a",))),
    ],
)
def test_what_names_a_file_is_told(line: str, said: Line) -> None:
    """Other lists, folders of archives, and what is to be installed itself."""
    assert read_line(line) == said


@pytest.mark.parametrize(
    "line",
    [
        "pandas=2",
        "pandas = 2.2",
        "[tool.poetry]",
        "pandas 2",
        "==1",
        "pandas==",
        "a @ b",
        "-r",
        '-c "',
    ],
)
def test_what_pip_could_not_read_is_told(line: str) -> None:
    """Among it what other tools write."""
    assert read_line(line) == Line(wrong=line)


def test_comments_joined_lines_and_empty_ones_are_as_in_pip() -> None:
    """Each line counts by where it begins; a comment ends a line that is joined."""
    text = (
        "# all\n"
        "\n"
        "a==1 \\\n"
        "    --hash=sha256:0af1 \\\n"
        "    --hash=sha256:0af2\n"
        "b=2  # not so\n"
        "git+https://host.test/a#egg=a\n"
        "-r \\\n"
        "base.txt\n"
        "# ends in \\\n"
        "c\\"
    )

    assert list(read_lines(text)) == [
        (3, Line()),
        (6, Line(wrong="b=2")),
        (7, Line()),
        (8, Line(includes=("base.txt",))),
        (11, Line()),
    ]
