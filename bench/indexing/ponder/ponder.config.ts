import { createConfig } from "ponder";
import { abiOf, addresses } from "./contracts";

const url = process.env.BENCH_DATABASE;

export default createConfig({
  chains: { bench: { id: Number(process.env.BENCH_CHAIN), rpc: process.env.BENCH_RPC!, disableCache: true } },
  database: url
    ? { kind: "postgres", connectionString: url }
    : { kind: "pglite", directory: process.env.BENCH_FOLDER! },
  contracts: Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [name, { abi: abiOf(name), chain: "bench" as const, address }]),
  ),
});
