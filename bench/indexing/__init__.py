"""Events a second into SQL: `gec index`, a plain web3.py loop and ponder, on one chain with the same events.

The plain loop (`plain.py`) is what web3.py's documentation leads one to write: logs asked for in ranges of blocks,
each decoded by its contract's event, and SQLAlchemy rows changed accordingly. It keeps one table, who owns which range,
and commits with each span of blocks. Beside ours it leaves out: every other table (batches, listings, trades,
retirements, accounts, filings, sums, the events themselves and whom they mention), indexes, what can be undone after a
reorganisation, and the comparison of block hashes. ponder (`with_ponder.py`) keeps the same one table.

All end with the same owners of the same ranges, or there is no figure. The bounds are the same logs over bare
JSON-RPC, nothing decoded; and all rows that ours ended with, into empty tables with no index but their keys, by COPY or
executemany. The history is deeper than the 128 blocks that can be undone, as nearly all of a chain is.
"""
