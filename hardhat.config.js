// Compiles contracts/ and runs the Solidity tests. Settings of the compiler are in contracts/compiler.json,
// which the Python side reads too, so that there is one bytecode.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { defineConfig } from "hardhat/config";

const compiler = JSON.parse(readFileSync(new URL("contracts/compiler.json", import.meta.url), "utf8"));
const soljson = createRequire(import.meta.url).resolve("solc/soljson.js");

export default defineConfig({
  solidity: {
    profiles: {
      // Gas and behaviour are measured on the bytecode that is deployed: every profile has the same settings.
      default: { version: compiler.version, path: soljson, settings: compiler.settings },
      production: { version: compiler.version, path: soljson, settings: compiler.settings },
    },
  },
  paths: { sources: "contracts", tests: { solidity: "tests/contracts" }, artifacts: "build/hardhat", cache: "build/cache" },
  test: {
    solidity: {
      // A fixed seed keeps the gas snapshot steady; GEC_FUZZ_SEED (a hex number) looks elsewhere.
      fuzz: { runs: 256, seed: process.env.GEC_FUZZ_SEED ?? "0x6765636861696e" },
      invariant: { runs: 32, depth: 64, failOnRevert: false },
      blockGasLimit: 3_000_000_000n,
      gasLimit: 3_000_000_000n,
      transactionGasCap: false,
    },
  },
});
