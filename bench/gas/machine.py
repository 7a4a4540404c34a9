"""What the figures were measured with: enough to compare, nothing that tells whose machine it is."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path

from bench.gas.packages import BENCH
from gecchain.chain.contracts import NAMES, artifact
from gecchain.chain.rpc import Rpc

__all__ = ["described", "memory", "processor"]


def described(rpc: Rpc) -> dict[str, str]:
    """Machine, node, compiler and the digest of the contracts that ran."""
    compiler = json.loads((BENCH.parent / "contracts" / "compiler.json").read_text())
    settings = compiler["settings"]
    code = "".join(artifact(name).bytecode for name in NAMES)
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {memory()} GiB, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "node": str(rpc.request("web3_clientVersion")),
        "compiler": f"solc {compiler['version']}, {settings['evmVersion']}, {settings['optimizer']['runs']} runs",
        "contracts": f"sha256 of the creation code {hashlib.sha256(code.encode()).hexdigest()[:16]}",
    }


def processor() -> str:
    """The processor's model."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown processor"


def memory() -> int:
    """Memory in GiB."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
