"""Which registry this is: its chain and contracts, so that a client signs for the right ones and can ask the chain."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from api.answering import AnswerRoute
from api.registry import registry_of
from gecchain.answers import DeploymentAnswer, RegistryAnswer

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["registry"])


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
