"""The contracts' own answers held against the fold, all as of one block."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from gecchain.chain.reader import Reader
from gecchain.chain.views import Facts, View
from gecchain.errors import BrokenProof, GecError, Unavailable
from gecchain.ledger import State
from gecchain.proofs import certificate_hash, document_hash, facts_hash
from gecchain.rules import BatchKey, expires_at, number_of, split_token_id, token_id

__all__ = ["Contracts"]

T = TypeVar("T")
_AT_ONCE: Final = 400


def _flat(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """A struct's values without its wrapping, words as hex text."""
    values = answer[0] if len(answer) == 1 and isinstance(answer[0], tuple) else answer
    return tuple("0x" + value.hex() if isinstance(value, bytes) else value for value in values)


def _facts(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """All of a certificate's facts but the first holder, which the fold does not keep."""
    facts = asdict(Facts.of(answer[0]))
    return tuple(value for name, value in facts.items() if name != "first_holder")


@dataclass(frozen=True, slots=True)
class Question:
    """A view, what the fold expects of its answer, and how to name it in a report."""

    view: View
    expected: tuple[Any, ...]
    name: str
    read: Callable[[tuple[Any, ...]], tuple[Any, ...]] = _flat


class Contracts:
    """Asks the contracts about a state. With `sample` at most so many things of each kind, chosen by `seed`."""

    def __init__(self, reader: Reader, state: State, block: int, *, sample: int | None = None, seed: int = 0) -> None:
        self._reader = reader
        self._state = state
        self._block = block
        self._sample = sample
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret

    def _some(self, things: Iterable[T]) -> list[T]:
        found = list(things)
        if self._sample is None or len(found) <= self._sample:
            return found
        return self._random.sample(found, self._sample)

    def _asked(self, questions: Iterable[Question]) -> Iterator[str | None]:
        some: list[Question] = []
        for question in questions:
            some.append(question)
            if len(some) == _AT_ONCE:
                yield from self._answers(some)
                some = []
        yield from self._answers(some)

    def _answers(self, questions: list[Question]) -> Iterator[str | None]:
        if not questions:
            return
        try:
            answers = self._reader.views([question.view for question in questions], block=self._block)
        except Unavailable:
            raise
        except GecError as error:
            yield f"one of {questions[0].name} … {questions[-1].name}: {error}"
            return
        for question, answer in zip(questions, answers, strict=True):
            found = question.read(answer)
            same = found == question.expected
            yield None if same else f"{question.name}: the contract says {found}, the fold {question.expected}"

    # One method a table of the contracts

    def batches(self) -> Iterator[str | None]:
        """Every segment of a batch: its bounds, holder, state and trade; and the batch's reading and filing."""
        return self._asked(
            question for batch in self._some(self._state.batches) for question in self._batch_questions(batch)
        )

    def _batch_questions(self, number: int) -> Iterator[Question]:
        batch = self._state.batches[number]
        for segment in self._state.segments_of(number):
            yield Question(
                View("certificates", "segmentAt", (number, segment.end - 1)),
                (segment.start, segment.end, segment.owner, segment.state, segment.traded),
                f"batch {number}, serial {segment.end - 1}",
            )
        token = token_id(number, batch.count - 1)
        yield Question(View("certificates", "facts", (token,)), self._facts(token), f"token {token}", _facts)

    def _facts(self, token: int) -> tuple[Any, ...]:
        """A certificate's facts from the fold, numbered, dated and hashed by our own rules."""
        number, serial = split_token_id(token)
        made, batch = self._reader.deployment, self._state.batches[number]
        segment = self._state.segment_at(number, serial)
        if segment is None:
            raise BrokenProof("The fold does not cover its batch.", where=f"batch {number}, serial {serial}")
        root = self._state.commitments[batch.commitment].root
        filing = document_hash(self._state.filings[number >> 16, batch.filing].document.encode())
        facts = facts_hash(made.chain_id, made.certificates, token, bytes.fromhex(root[2:]), batch.leaf, filing)
        return (
            *(token, number_of(token), batch.count, batch.commitment, batch.leaf, batch.filing),
            *(segment.owner, segment.start, segment.end, segment.state, segment.traded),
            expires_at(BatchKey.from_id(number).month),
            *(root, "0x" + filing.hex(), "0x" + certificate_hash(token, facts).hex()),
        )

    def lanes(self) -> Iterator[str | None]:
        """Carry and issued months of every project and electricity."""
        return self._asked(
            Question(
                View("certificates", "laneOf", (lane.project, lane.electricity)),
                (lane.lane,),
                f"lane of project {lane.project}, electricity {lane.electricity}",
            )
            for lane in self._some(self._state.lanes.values())
        )

    def balances(self) -> Iterator[str | None]:
        """Every account's balance, and the number ever issued."""
        questions = [
            Question(View("certificates", "balanceOf", (item.account,)), (item.holding,), f"balance of {item.account}")
            for item in self._some(self._state.balances.values())
        ]
        total = Question(View("certificates", "issuedTotal"), (self._state.totals[1].issued,), "certificates issued")
        return self._asked([*questions, total])

    def registry(self) -> Iterator[str | None]:
        """Accounts and projects."""
        accounts = (
            Question(
                View("registry", "account", (item.address,)),
                (item.operator, item.kind, item.province, item.frozen, item.platform + 1),
                f"account {item.address}",
            )
            for item in self._some(self._state.accounts.values())
        )
        projects = (self._project(number) for number in self._some(self._state.projects))
        return self._asked([*accounts, *projects])

    def _project(self, number: int) -> Question:
        item = self._state.projects[number]
        capacity = self._state.filings[number, item.approved].capacity_kw if item.approved else 0
        terms = (item.owner, item.in_operation, item.approved, item.latest, item.market_based, capacity)
        return Question(View("registry", "project", (number,)), terms, f"project {number}")

    def readings(self) -> Iterator[str | None]:
        """Commitments, and which leaves of each chunk were issued."""
        made = (
            Question(
                View("readings", "commitment", (item.id,)),
                (
                    item.root,
                    item.evidence,
                    item.provider,
                    item.month,
                    item.leaves,
                    item.replaced_by,
                    item.declared,
                    item.total_wh,
                ),
                f"commitment {item.id}",
            )
            for item in self._some(self._state.commitments.values())
        )
        drawn = (
            Question(
                View("readings", "drawn", (item.commitment, item.chunk)),
                (item.issued,),
                f"chunk {item.chunk} of commitment {item.commitment}",
            )
            for item in self._some(self._state.chunks.values())
        )
        return self._asked([*made, *drawn])

    def market(self) -> Iterator[str | None]:
        """What is still on offer of every listing, and the counters."""
        state = self._state
        offers = (
            Question(
                View("market", "listingOf", (item.id,)),
                (0, 0, 0, 0, 0) if item.closed else (item.batch, item.left, item.left_end, item.price, item.platforms),
                f"listing {item.id}",
            )
            for item in self._some(state.listings.values())
        )
        counted = (max(state.listings, default=0), max(state.trades, default=0))
        return self._asked([*offers, Question(View("market", "latest"), counted, "numbers of listings and trades")])
