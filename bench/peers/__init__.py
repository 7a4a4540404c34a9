"""Time and gas of issuing a month of certificates: ours beside the peers' contracts, on one chain and in one run.

Compared is what the chain does. For ours that is from the readings' commitment to batches that are held: the data
provider's commitment, then every chunk of it. Files, checks and SQL are not in it (`bench/national` has those), nor is
the filing of projects, of which the peers have none. Energy Web's issuer takes a request for each device and month and
approves it; the ERC-721s mint for an owner, and know neither month nor meter.

All have the same client: calldata is made beforehand, transactions go to the node as JSON-RPC batches, a block is made
of as many as come to the same gas, and the next ones follow when it is there. The clock stops meanwhile. The least that
each needs is what is sent: the peers get the largest transactions that fit under one limit (EIP-7825's), all rows to
one holder, a peer's request data of one device over and over, and no proxy. Every project of ours has another owner.
Each begins on the same state, and what the contracts hold afterwards must be what was asked for.
"""
