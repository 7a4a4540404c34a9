"""The contracts' own answers on mandates, CCER, declarations, orders, disputes and requests, held against the fold."""

from collections.abc import Iterator
from itertools import chain

from gecchain.chain.views import View
from gecchain.events import NO_ACCOUNT
from gecchain.fsck.asking import Asking, Question
from gecchain.ledger import Case

__all__ = ["Proceedings"]


class Proceedings(Asking):
    """Asks about the rest of a certificate's life."""

    def actors(self) -> Iterator[str | None]:
        """Mandates, and the key that may act for an account at the block's time."""
        now = self.reader.blocks([self.block])[0].time
        mandates = (
            Question(
                View("registry", "mandateOf", (item.principal,)),
                (NO_ACCOUNT, 0, 0) if item.revoked else (item.agent, item.begins, item.until),
                f"mandate of {item.principal}",
            )
            for item in self.some(self.state.mandates.values())
        )
        acting = (
            Question(
                View("registry", "actorOf", (address,)),
                (self.state.actor_of(address, now),),
                f"who acts for {address}",
            )
            for address in self.some(self.state.accounts)
        )
        return self.asked(chain(mandates, acting))

    def ccer(self) -> Iterator[str | None]:
        """What turned to CCER, which months are registered, and when the choice ends."""
        turned = {(item.id, 0) for item in self.state.projects.values() if item.ccer}
        months = (
            Question(
                View("registry", "ccerOf", (project, month)),
                (self.state.projects[project].ccer, (project, month) in self.state.ccer_months),
                f"CCER of project {project}, month {month}",
            )
            for project, month in self.some(sorted(turned | set(self.state.ccer_months)))
        )
        ends = Question(View("registry", "ccerLinkageEnds"), (self.state.parameters[1].ccer_ends,), "end of the choice")
        return self.asked(chain(months, [ends]))

    def declarations(self) -> Iterator[str | None]:
        """The stage of every declaration."""
        return self.asked(
            Question(
                View("declarations", "stageOf", (bytes.fromhex(item.id[2:]),)), (item.stage,), f"declaration {item.id}"
            )
            for item in self.some(self.state.declarations.values())
        )

    def orders(self) -> Iterator[str | None]:
        """The status of every bilateral order."""
        return self.asked(
            Question(View("market", "statusOf", (bytes.fromhex(item.id[2:]),)), (item.status,), f"order {item.id}")
            for item in self.some(self.state.deals.values())
        )

    def requests(self) -> Iterator[str | None]:
        """Every request that was relayed is used up."""
        return self.asked(
            Question(View("relay", "isRelayed", (bytes.fromhex(item[2:]),)), (True,), f"request {item}")
            for item in self.some(self.state.relayed)
        )

    def added(self) -> Iterator[str | None]:
        """What cases added to each batch."""
        return self.asked(
            Question(
                View("certificates", "additionsOf", (number,)),
                tuple((item.holder, item.start, item.end, item.case_id, item.basis) for item in found),
                f"additions of batch {number}",
            )
            for number, found in self.some(sorted(self.additions.items()))
        )

    def cases(self) -> Iterator[str | None]:
        """Every case, its doubts, its deadline, and whether it is the open one of its batch."""
        asked = (
            question
            for number in self.some(sorted(self.state.cases))
            for question in self._case(self.state.cases[number])
        )
        counted = Question(View("cases", "cases"), (max(self.state.cases, default=0),), "number of cases")
        return self.asked(chain(asked, [counted]))

    def _case(self, item: Case) -> Iterator[Question]:
        name, number = f"case {item.id}", (item.id,)
        yield Question(
            View("cases", "caseOf", number),
            (
                *(item.batch, item.claimant, item.stage, item.outcome, item.owed),
                *(item.since, item.watt_hours, item.evidence),
            ),
            name,
        )
        doubts = sorted((doubt.number, doubt) for doubt in self.state.doubts.values() if doubt.case_id == item.id)
        ranges = tuple((doubt.start, doubt.end) for _number, doubt in doubts)
        yield Question(View("cases", "doubtfulOf", number), ranges, f"doubts of {name}")
        yield Question(View("cases", "dueAt", number), (self.state.due_at(item.id),), f"deadline of {name}")
        standing = self.state.batches[item.batch].case_id
        yield Question(View("cases", "openCase", (item.batch,)), (standing,), f"open case of batch {item.batch}")
