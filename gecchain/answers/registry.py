"""The registry itself: its contracts, where it stands, and what it comes to in sum."""

from pydantic import Field

from gecchain.answers.basis import Answer, Named

__all__ = ["DeploymentAnswer", "HealthAnswer", "RegistryAnswer", "StatisticsAnswer", "StatisticsRowAnswer"]


class DeploymentAnswer(Answer):
    """Addresses of the contracts on their chain (0x, lower case)."""

    chain_id: int = Field(description="EIP-155 chain id")
    block: int = Field(description="The chain's newest block when they were made")
    registry: str
    readings: str
    certificates: str
    market: str
    declarations: str
    cases: str
    guardian: str
    relay: str
    access_manager: str


class RegistryAnswer(Answer):
    """The registry."""

    base_url: str = Field(description="Address that the public uses")
    demonstration: bool = Field(description="Whether keys and owners are made up and nothing here counts")
    takes_requests: bool = Field(description="Whether signed requests are taken")
    deployment: DeploymentAnswer


class StatisticsRowAnswer(Answer):
    """Certificates of one group."""

    group: Named
    issued: int
    traded: int
    retired: int


class StatisticsAnswer(Answer):
    """The registry in sum: metered Wh = 1,000,000 x issued + carry, but for what disputes take off (Q95)."""

    metered_wh: str
    carry_wh: str
    issued: int
    retired: int
    by: str
    rows: list[StatisticsRowAnswer]


class HealthAnswer(Answer):
    """Where the index stands and, if the node answers, where the chain stands."""

    status: str = Field(description="ok, behind, node-unreachable or empty")
    indexed_block: int | None
    indexed_hash: str | None
    indexed_time: str | None
    chain_head: int | None = Field(description="Asked from the node now; null if it does not answer")
    last_seen_head: int | None = Field(description="The chain's newest block when the indexer last looked")
    lag: int | None = Field(description="Blocks between chain head (or the last seen one) and the index")
    node: str = Field(description="reachable, unreachable or not-configured")
    chain_id: int
    certificates: str
