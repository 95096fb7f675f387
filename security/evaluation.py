"""From subjects to a judgement: synthesize, have each tool evaluate, hold against what is answered.

What needs the constructs asks them here; the rest reads what was written, in processes of their
own, two at a time.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from security.findings import Acknowledgement, Evaluation, Judgement, judge
from security.synthesis import Subject, Synthesized, synthesize
from security.tools import (
    cfn_lint,
    checkov,
    nag,
    packages,
    parliament,
    plugins,
    states_language,
)

__all__ = ["evaluate", "synthesized"]

Report = Callable[[str], None]
_AT_A_TIME = 2


def evaluate(
    subjects: Sequence[Subject],
    folder: Path,
    report: Report,
    lock_files: Sequence[Path] = packages.LOCK_FILES,
) -> Judgement:
    """Have all tools look at all subjects.

    Args:
        subjects: The apps.
        folder: An empty folder, for assemblies and what the tools read.
        report: Is told, in short sentences, what is being done.
        lock_files: The lock files whose packages are audited.
    """
    stacks = synthesized(subjects, folder, report)
    acknowledged: dict[str, Sequence[Acknowledgement]] = {
        stack.name: stack.acknowledgements for stack in stacks
    }
    acknowledged |= {
        str(lock_file): [one for one in packages.ACKNOWLEDGED if one.path == str(lock_file)]
        for lock_file in lock_files
    }
    return judge(_evaluations(stacks, folder, report, lock_files), acknowledged)


def synthesized(subjects: Sequence[Subject], folder: Path, report: Report) -> list[Synthesized]:
    """Synthesize apps and return all their stacks.

    Args:
        subjects: The apps.
        folder: An empty folder, for their assemblies.
        report: Is told, in short sentences, what is being done.
    """
    found: list[Synthesized] = []
    for number, subject in enumerate(subjects):
        report(f"synthesizing {subject.name}")
        found.extend(synthesize(subject, folder / f"app-{number}"))
    return found


def _evaluations(
    stacks: Sequence[Synthesized], folder: Path, report: Report, lock_files: Sequence[Path]
) -> list[Evaluation]:
    templates = _written(stacks, _made(folder / "templates"))
    policies, definitions = _made(folder / "policies"), _made(folder / "definitions")
    of_files: dict[str, Callable[[], list[Evaluation]]] = {
        "checkov": lambda: checkov.evaluate(templates),
        "cfn-lint": lambda: cfn_lint.evaluate(templates),
        "parliament": lambda: parliament.evaluate(stacks, policies),
        "asl-validator": lambda: states_language.evaluate(stacks, definitions),
        "pip-audit": lambda: [packages.evaluate(one) for one in lock_files],
    }
    of_constructs: dict[str, Callable[[], list[Evaluation]]] = {
        "cdk-nag": lambda: [nag.evaluate(stack) for stack in stacks],
        "the CDK": lambda: [one for stack in stacks for one in plugins.evaluate(stack)],
    }
    found: list[Evaluation] = []
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        running = {name: pool.submit(evaluate_all) for name, evaluate_all in of_files.items()}
        # Python may ask the constructs by one thread only.
        for name, evaluate_all in of_constructs.items():
            report(f"{name} evaluates {len(stacks)} stacks")
            found += evaluate_all()
        for name, result in running.items():
            report(f"{name} evaluates what was synthesized")
            found += result.result()
    return found


def _written(stacks: Sequence[Synthesized], folder: Path) -> dict[Path, Synthesized]:
    files = {}
    for number, stack in enumerate(stacks):
        path = folder / f"{number}.template.json"
        path.write_text(stack.file.read_text())
        files[path] = stack
    return files


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
