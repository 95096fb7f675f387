"""Runs the local cloud with tasks whose roles' sessions last for seconds, not for hours."""

import sys
from datetime import timedelta
from typing import Any

from cdk_sagemaker_processing.local import tasks
from cdk_sagemaker_processing.local.ministack.server import main

SESSION = timedelta(seconds=16)


class ShortSessions(tasks.TaskRunner):
    """A runner of tasks that gives the containers of a task short sessions of its role."""

    def __init__(self, *, assume: Any, **others: Any) -> None:
        def shortly(role: str, task: str) -> tasks.RoleSession:
            # The other role writes the log, by a session that stays the same.
            lifetime = {"lifetime": SESSION} if "TaskRole" in role else {}
            session: tasks.RoleSession = assume(role, task, **lifetime)
            return session

        super().__init__(assume=shortly, **others)


if __name__ == "__main__":
    # The cloud's own module looks it up there, when it is loaded: later than this.
    tasks.TaskRunner = ShortSessions  # type: ignore[misc]  # in its place
    sys.exit(main(sys.argv[1:]))
