"""The services that other tests stand on answer as those tests assume."""

import httpx
from sqlalchemy import create_engine, text


def test_postgres_is_empty_and_speaks_utf8(postgres_url: str) -> None:
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE services"))
    admin.dispose()
    engine = create_engine(postgres_url.rsplit("/", 1)[0] + "/services")
    with engine.connect() as connection:
        tables = connection.execute(text("select count(*) from pg_tables where schemaname = 'public'")).scalar_one()
        assert tables == 0
        assert connection.execute(text("select '绿证'")).scalar_one() == "绿证"
    engine.dispose()


def test_node_starts_at_block_zero_with_free_gas(anvil_url: str) -> None:
    def ask(method: str, *params: object) -> object:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return httpx.post(anvil_url, json=body).json()["result"]

    assert ask("eth_blockNumber") == "0x0"
    block = ask("eth_getBlockByNumber", "latest", False)
    assert isinstance(block, dict)
    assert block["baseFeePerGas"] == "0x0"
    assert int(block["gasLimit"], 16) == 3_000_000_000
