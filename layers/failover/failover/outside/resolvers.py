"""What public resolvers answer, from their caches or not."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

from failover.bounded import Deadline, result_by, start
from failover.levers.authority import Answer, Answers, Question

TIMES_ASKED = 2
"""How often each resolver is asked each question in one look: many caches stand behind one address."""

QUERY_TIMEOUT_SECONDS = 1.0


class Resolvers(Protocol):
    """Asks resolvers."""

    def look(self, questions: Sequence[Question], deadline: Deadline) -> Mapping[str, Answers]:
        """Return what each resolver answered to each question before the deadline, by its address."""
        ...


class PublicResolvers:
    """Asks resolvers over the network, all at once.

    Parameters
    ----------
    addresses
        Whom to ask.
    port
        Where they listen.

    """

    def __init__(self, addresses: Sequence[str], *, port: int = 53) -> None:
        self._addresses = addresses
        self._port = port

    def look(self, questions: Sequence[Question], deadline: Deadline) -> Mapping[str, Answers]:
        """Ask every resolver every question several times; see `Resolvers.look`."""
        asked = {
            address: start(partial(self._ask, address, questions, deadline), name=f"ask {address}")
            for address in self._addresses
        }
        return {address: result_by(deadline, future, late={}) for address, future in asked.items()}

    def _ask(self, address: str, questions: Sequence[Question], deadline: Deadline) -> Answers:
        from failover.levers.dns_query import ask  # noqa: PLC0415 - slow to import; see `authority.prepare`

        answers: dict[Question, list[Answer]] = {question: [] for question in questions}
        for question in list(answers) * TIMES_ASKED:
            timeout_seconds = min(QUERY_TIMEOUT_SECONDS, deadline.remaining_seconds)
            if not timeout_seconds:
                break
            answer = ask(address, question, port=self._port, timeout_seconds=timeout_seconds, recursive=True)
            if answer is not None:
                answers[question].append(answer)
        return {question: tuple(given) for question, given in answers.items()}
