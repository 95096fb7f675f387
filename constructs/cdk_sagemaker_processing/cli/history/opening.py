"""Open a History Server, show how that goes, and hold the tunnel to it."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.browser import open_page
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.history_server.client.choosing import (
    application_named,
    application_of,
    check_job,
    list_page,
)
from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.found import (
    Server,
    choose_server,
    find_servers,
)
from cdk_sagemaker_processing.history_server.client.jobs import Job, find_job
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.pages import Pages
from cdk_sagemaker_processing.history_server.client.reaching import Way, check_way, reach
from cdk_sagemaker_processing.history_server.client.starting import (
    TaskGoesOnError,
    going_on,
    running_task,
)
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError, Watch
from cdk_sagemaker_processing.local.processes.ports import choose_port
from cdk_sagemaker_processing.runs.clock import Clock
from cdk_sagemaker_processing.runs.follower import ClientOf

_LOOK_EVERY = 15


@dataclass(frozen=True, slots=True)
class HistoryOpen:
    """One opening of a History Server, from its stack's output to its page.

    Attributes:
        console: Where a person looks on.
        client_of: Makes boto3 clients.
        stack: The stack's name; None for all stacks.
        path: The construct's path, if there are several.
        job: A processing job's name, or its beginning.
        app: A Spark application's id.
        port: The tunnel's port on this machine; None for a free one.
        browse: Whether to open a browser.
        profile: The profile of the credentials, empty for none.
        clock: How time is told and spent.
        show: Opens a page in a browser.
    """

    console: Console
    client_of: ClientOf
    stack: str | None = None
    path: str | None = None
    job: str | None = None
    app: str | None = None
    port: int | None = None
    browse: bool = True
    profile: str = ""
    clock: Clock = field(default_factory=Clock)
    show: Callable[[str], bool] = open_page

    def run(self) -> int:
        """Do it all.

        Returns:
            The exit code, 0.

        Raises:
            HistoryError: If it does not come to a page, or the way to it breaks.
            LocalCloudError: If the port is taken.
        """
        self._check_names()
        local_port = choose_port(self.port)
        stages = Stages(self.console)
        with stages.stage("Find") as stage:
            servers = find_servers(self.client_of, self.stack)
            server = choose_server(servers, self.path, self.stack)
            stage.detail = f"{server.path} (stack {server.stack})"
        opening = Opening(self.client_of, server, stages.report, self._tell, self.clock)
        job = self._find_job(stages, server)
        check_way(opening)
        with self._told_what_stays(server):
            if server.url:
                return self._open_behind_balancer(stages, opening, server.url)
            return self._open(stages, opening, job, local_port)

    def _check_names(self) -> None:
        for option, name in (("--job", self.job), ("--app", self.app)):
            if name is not None and not name.strip():
                raise HistoryError(
                    f"{option} names nothing, got {name!r} (a variable that is not set?): name a "
                    f"page, or leave {option} out for the list"
                )
        if self.job and self.app:
            raise HistoryError("--job and --app both name a page: choose one")

    def _find_job(self, stages: Stages, server: Server) -> Job | None:
        if self.job is None:
            return None
        if server.url:
            raise HistoryError(
                f"--job asks the server for its applications, and {server.url} wants a login "
                "first: name the application by --app, or open the list"
            )
        with stages.stage("Job") as stage:
            job = find_job(self.client_of("sagemaker"), self.job)
            check_job(server, job)
            stage.detail = f"{job.name} is {job.status}"
        return job

    def _open_behind_balancer(self, stages: Stages, opening: Opening, url: str) -> int:
        with stages.stage("Task") as stage:
            stage.detail = f"{running_task(opening).task.identity} runs"
        pages = Pages(url)
        self._show(pages.jobs(self.app) if self.app else f"{pages.url}/")
        return 0

    def _open(self, stages: Stages, opening: Opening, job: Job | None, local_port: int) -> int:
        with stages.stage("Task") as stage:
            watch = running_task(opening)
            stage.detail = f"{watch.task.identity} runs"
        with going_on():
            self._look_on(stages, opening, watch, job, local_port)
        return 0

    def _look_on(
        self, stages: Stages, opening: Opening, watch: Watch, job: Job | None, local_port: int
    ) -> None:
        with stages.stage("Server") as stage:
            way = reach(opening, watch, local_port, self.profile)
            stage.detail = way.url
        with closing(way):
            with stages.stage("Page") as stage:
                page = self._page(way, job)
                stage.detail = page.removeprefix(way.url)
            self._show(page)
            if way.tunnel:
                self._hold(way)
            elif self.port is not None:
                self._tell("--port is a tunnel's: this server is reached without one.")

    def _page(self, way: Way, job: Job | None) -> str:
        if job:
            return way.pages.page_of(application_of(way, job))
        if self.app:
            return way.pages.page_of(application_named(way, self.app))
        return list_page(way)

    def _show(self, page: str) -> None:
        self.console.print(Text(page, "bold cyan"), soft_wrap=True)
        if self.browse:
            self.show(page)

    def _hold(self, way: Way) -> None:
        """Keep the tunnel open until Ctrl-C, which here is the ordinary end."""
        self.console.print("The tunnel is open until Ctrl-C.")
        is_blind = False
        try:
            for second in itertools.count(1):
                way.keep_tunnel()
                if second % _LOOK_EVERY == 0 and not is_blind:
                    is_blind = not self._look(way)
                self.clock.sleep(1)
        except TaskEndedError as ended:
            if not ended.is_planned:
                raise
            self.console.print(Text(words.sentence(str(ended))), soft_wrap=True)
        except Interrupted as interruption:
            if not interruption.is_ctrl_c:
                raise
            self.console.print()
            self._tell_what_stays(way.opening.server)

    def _look(self, way: Way) -> bool:
        """Look at the task, and return whether AWS lets it be looked at: a tunnel outlives that."""
        try:
            way.watch.look()
        except TaskEndedError:
            raise
        except HistoryError as error:
            self._tell(f"The task cannot be looked at any more: {error}")
            return False
        return True

    @contextmanager
    def _told_what_stays(self, server: Server) -> Iterator[None]:
        try:
            yield
        except (Interrupted, TaskGoesOnError):
            self._tell_what_stays(server)
            raise

    def _tell_what_stays(self, server: Server) -> None:
        if server.service:
            self.console.print("The History Server goes on: its service keeps it running.")
            return
        stop = "`sagemaker-processing history stop` ends it"
        idle = server.idle_minutes
        self.console.print(
            f"The History Server goes on: it ends by itself after {idle} minutes without a "
            f"visitor; {stop} at once."
            if idle
            else f"The History Server goes on: {stop}.",
            soft_wrap=True,
        )

    def _tell(self, line: str) -> None:
        self.console.print(Text(words.plain(line), "yellow"), soft_wrap=True)
