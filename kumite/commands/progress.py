"""Progress: what work is under way, how far it is, and the figure that matters. Bars on a terminal, lines elsewhere."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

LINE_SECONDS = 15.0
"""Without a terminal, a line this often says that work goes on."""


class Bars:
    """One bar at a time on stderr; a finished one leaves a line."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, TextColumn("{task.fields[text]}"), console=self.console, transient=True)
        self.task: TaskID | None = None
        self.title = self.text = ""
        self.done = self.total = 0.0
        self.spoken = 0.0

    def begin(self, title: str, total: float) -> None:
        """A phase of so many pieces begins."""
        self.end()
        self.title, self.text, self.done, self.total = title, "", 0, total
        self.spoken = time.monotonic()
        if self.console.is_terminal:
            self.progress.start()
        self.task = self.progress.add_task(title, total=total, text="")

    def update(self, done: float, text: str = "") -> None:
        """So much of it is done."""
        self.done, self.text = done, text
        if self.task is not None:
            self.progress.update(self.task, completed=done, text=text)
        if not self.console.is_terminal and time.monotonic() - self.spoken > LINE_SECONDS:
            self.spoken = time.monotonic()
            self.say(f"{self.title}: {int(done):,} of {int(self.total):,} · {text}")

    def grow(self, done: float, total: float, text: str = "") -> None:
        """As `update`, where how much there is to do is only found out on the way."""
        self.total = total
        if self.task is not None:
            self.progress.update(self.task, total=total)
        self.update(done, text)

    def end(self) -> None:
        """The phase is over: one line stays."""
        if self.task is not None:
            self.drop()
            self.say(f"{self.title}: {int(self.done):,} · {self.text}")

    def drop(self) -> None:
        """The phase is over, and nothing stays."""
        if self.task is not None:
            self.progress.remove_task(self.task)
            self.task = None

    def say(self, text: str) -> None:
        """A line of its own."""
        self.console.print(text, markup=False, soft_wrap=True)

    def close(self) -> None:
        """No more bars."""
        self.end()
        if self.console.is_terminal:
            self.progress.stop()
