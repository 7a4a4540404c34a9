"""The contracts' own answers about accounts, readings, certificates and the market, held against the fold."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from gecchain.chain.views import Facts, View
from gecchain.errors import BrokenProof
from gecchain.fsck.asking import Asking, Question
from gecchain.proofs import certificate_hash, document_hash, facts_hash
from gecchain.rules import BatchKey, expires_at, number_of, split_token_id, token_id

__all__ = ["Contracts"]


_ALL_FACTS: Final = attrgetter(*(field.name for field in fields(Facts)))


def _facts(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """All of a certificate's facts."""
    found: tuple[Any, ...] = _ALL_FACTS(Facts.of(answer[0]))
    return found


class Contracts(Asking):
    """Asks about what was there before any proceeding."""

    def batches(self) -> Iterator[str | None]:
        """Every segment of a batch: its bounds, holder, state and trade; and the batch's reading and filing."""
        return self.asked(
            question for batch in self.some(self.state.batches) for question in self._batch_questions(batch)
        )

    def _batch_questions(self, number: int) -> Iterator[Question]:
        for segment in self.state.segments_of(number):
            yield Question(
                View("certificates", "segmentAt", (number, segment.end - 1)),
                (segment.start, segment.end, segment.owner, segment.state, segment.traded),
                f"batch {number}, serial {segment.end - 1}",
            )
        for serial in self._origins(number):
            token = token_id(number, serial)
            yield Question(View("certificates", "facts", (token,)), self._facts(token), f"token {token}", _facts)

    def _origins(self, number: int) -> list[int]:
        """The last serial that the reading gave, and the last of each addition."""
        added = self.additions.get(number, [])
        first = added[0].start if added else self.state.batches[number].count
        return [first - 1, *(addition.end - 1 for addition in added)]

    def _facts(self, token: int) -> tuple[Any, ...]:
        """A certificate's facts from the fold, numbered, dated and hashed by our own rules."""
        number, serial = split_token_id(token)
        made, batch = self.reader.deployment, self.state.batches[number]
        segment = self.state.segment_at(number, serial)
        if segment is None:
            raise BrokenProof("The fold does not cover its batch.", where=f"batch {number}, serial {serial}")
        root, leaf = self._origin(number, serial)
        filing = document_hash(self.state.filings[number >> 16, batch.filing].document.encode())
        facts = facts_hash(made.chain_id, made.certificates, token, bytes.fromhex(root[2:]), leaf, filing)
        return (
            *(token, number_of(token), batch.holder, batch.count, batch.commitment, leaf, batch.filing),
            *(segment.owner, segment.start, segment.end, segment.state, segment.traded),
            expires_at(BatchKey.from_id(number).month),
            *(root, "0x" + filing.hex(), "0x" + certificate_hash(token, facts).hex()),
        )

    def _origin(self, number: int, serial: int) -> tuple[str, int]:
        """Root and leaf of the reading, or, for an addition, the case's evidence and the case."""
        for addition in self.additions.get(number, []):
            if addition.start <= serial < addition.end:
                return addition.basis, addition.case_id
        batch = self.state.batches[number]
        return self.state.commitments[batch.commitment].root, batch.leaf

    def lanes(self) -> Iterator[str | None]:
        """Carry and issued months of every project and electricity."""
        return self.asked(
            Question(
                View("registry", "laneOf", (lane.project, lane.electricity)),
                (lane.lane,),
                f"lane of project {lane.project}, electricity {lane.electricity}",
            )
            for lane in self.some(self.state.lanes.values())
        )

    def balances(self) -> Iterator[str | None]:
        """Every account's balance, and the number ever issued."""
        questions = (
            Question(View("certificates", "balanceOf", (item.account,)), (item.holding,), f"balance of {item.account}")
            for item in self.some(self.state.balances.values())
        )
        total = Question(View("certificates", "issuedTotal"), (self.state.totals[1].issued,), "certificates issued")
        return self.asked(chain(questions, [total]))

    def registry(self) -> Iterator[str | None]:
        """Accounts and projects."""
        accounts = (
            Question(
                View("registry", "account", (item.address,)),
                (
                    item.operator,
                    item.kind,
                    item.province,
                    item.frozen,
                    item.platform + 1,
                    bool(item.closed),
                    item.address in self.state.mandates,
                ),
                f"account {item.address}",
            )
            for item in self.some(self.state.accounts.values())
        )
        projects = (self._project(number) for number in self.some(self.state.projects))
        return self.asked(chain(accounts, projects))

    def _project(self, number: int) -> Question:
        item = self.state.projects[number]
        capacity = self.state.filings[number, item.approved].capacity_kw if item.approved else 0
        terms = (item.owner, item.in_operation, item.approved, item.latest, item.market_based, capacity)
        return Question(View("registry", "project", (number,)), terms, f"project {number}")

    def readings(self) -> Iterator[str | None]:
        """Commitments and who approved them, how many must, and which leaves of each chunk were issued."""
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
                    item.approvals,
                    item.total_wh,
                ),
                f"commitment {item.id}",
            )
            for item in self.some(self.state.commitments.values())
        )
        drawn = (
            Question(
                View("readings", "drawn", (item.commitment, item.chunk)),
                (item.issued,),
                f"chunk {item.chunk} of commitment {item.commitment}",
            )
            for item in self.some(self.state.chunks.values())
        )
        approved = (
            Question(
                View("readings", "approved", (item.commitment, item.officer)),
                (True,),
                f"approval of commitment {item.commitment} by {item.officer}",
            )
            for item in self.some(self.state.approvals.values())
        )
        quorum = Question(View("readings", "quorum"), (self.state.parameters[1].quorum,), "approvals that are needed")
        return self.asked(chain(made, drawn, approved, [quorum]))

    def market(self) -> Iterator[str | None]:
        """What is still on offer of every listing, and the counters."""
        state = self.state
        offers = (
            Question(
                View("market", "listingOf", (item.id,)),
                (0, 0, 0, 0, 0) if item.closed else (item.batch, item.left, item.left_end, item.price, item.platforms),
                f"listing {item.id}",
            )
            for item in self.some(state.listings.values())
        )
        counted = (max(state.listings, default=0), max(state.trades, default=0))
        latest = Question(View("market", "latest"), counted, "numbers of listings and trades")
        return self.asked(chain(offers, [latest]))
