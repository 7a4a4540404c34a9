// Compiles contracts/ and runs the Solidity tests. Settings of the compiler are in contracts/compiler.json,
// which the Python side reads too, so that there is one bytecode.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { defineConfig } from "hardhat/config";

const compiler = JSON.parse(readFileSync(new URL("contracts/compiler.json", import.meta.url), "utf8"));
const solc = {
  version: compiler.version,
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
  settings: compiler.settings,
};

// A fixed seed keeps runs alike; GEC_FUZZ_SEED (a hex number) looks elsewhere.
const tests = {
  fuzz: { runs: 256, seed: process.env.GEC_FUZZ_SEED ?? "0x6765636861696e" },
  invariant: { runs: 32, depth: 64, failOnRevert: false },
  gasLimit: 3_000_000_000n,
  blockGasLimit: 3_000_000_000n,
  transactionGasCap: false,
};

export default defineConfig({
  // Behaviour and gas are measured on the bytecode that is deployed: both profiles are the same.
  solidity: { profiles: { default: solc, production: solc } },
  paths: { sources: "contracts", tests: { solidity: "tests/contracts" }, artifacts: "build/hardhat", cache: "build/cache" },
  test: {
    solidity: {
      profiles: {
        default: tests,
        // Every call of a test is a transaction of its own: 21,000, calldata and cold slots count as they do on chain.
        gas: { ...tests, isolate: true },
      },
    },
  },
});
