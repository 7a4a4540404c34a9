// What the bench hands over: addresses by contract's name, and the folder of the ABIs.
import { readFileSync } from "node:fs";

export const addresses: Record<string, `0x${string}`> = JSON.parse(process.env.BENCH_CONTRACTS!);

export function abiOf(name: string): any[] {
  return JSON.parse(readFileSync(`${process.env.BENCH_ARTIFACTS}/${name}.json`, "utf8")).abi;
}
