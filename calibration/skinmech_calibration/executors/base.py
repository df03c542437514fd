"""What every executor can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(ABC):
    """Runs independent jobs.

    Attributes:
        workers: Jobs that run at once.
    """

    workers: int = 1

    @abstractmethod
    def run(
        self, job: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """Results as they come, in no order. Memory does not grow with the number of tasks.

        Args:
            job: Where workers are other processes, a function that they can import, or a
                `functools.partial` of one.
            tasks: Taken one after another as workers become free.
        """

    @abstractmethod
    def close(self) -> None:
        """Let the workers go; tasks that have not begun are dropped."""

    def map(self, job: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
        """Results in the order of the tasks."""
        numbered = list(enumerate(tasks))
        found = {k: result for (k, _), result in self.run(_Second(job), numbered)}
        return [found[k] for k, _ in numbered]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


class _Second:
    """A job on the second of a pair; a class, so that it travels to other processes."""

    def __init__(self, job: Callable):
        self.job = job

    def __call__(self, pair: tuple):
        return self.job(pair[1])
