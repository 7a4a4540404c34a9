"""Which registry this is: its chain and contracts, so that a client signs for the right ones and can ask the chain."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.registry import registry_of

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["registry"])


class DeploymentAnswer(BaseModel):
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


class RegistryAnswer(BaseModel):
    """The registry."""

    base_url: str = Field(description="Address that the public uses")
    demonstration: bool = Field(description="Whether keys and owners are made up and nothing here counts")
    takes_requests: bool = Field(description="Whether signed requests are taken")
    deployment: DeploymentAnswer


@router.get("/registry")
def registry(request: Request) -> RegistryAnswer:
    """Chain and contracts. Compare them once with what the authority publishes, and pin them."""
    found = registry_of(request)
    return RegistryAnswer(
        base_url=found.settings.base_url,
        demonstration=found.settings.demo,
        takes_requests=request.app.state.desk is not None,
        deployment=DeploymentAnswer(**asdict(found.deployment)),
    )
