import { createConfig } from "ponder";
import { abiOf, addresses } from "./contracts";

// ponder asks each provider 20 times a second at first, out of politeness; ours is its own, and so it counts as many.
const PROVIDERS = 25;

const url = process.env.BENCH_DATABASE;

export default createConfig({
  chains: { bench: { id: Number(process.env.BENCH_CHAIN), rpc: Array(PROVIDERS).fill(process.env.BENCH_RPC!), disableCache: true } },
  database: url
    ? { kind: "postgres", connectionString: url }
    : { kind: "pglite", directory: process.env.BENCH_FOLDER! },
  contracts: Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [name, { abi: abiOf(name), chain: "bench" as const, address }]),
  ),
});
