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

// Of what the tests only import, no bytecode is asked for: it was built before, as it is deployed. The tests themselves
// are optimised as little as the stack allows and compile in half the time; those of gas are left as they are.
const testsAlone = {
  id: "gecchain:tests-alone",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        preprocessSolcInputBeforeBuilding: async (context, input, next) => {
          const { "*": all, ...others } = input.settings.outputSelection;
          const names = Object.keys(input.sources).filter((name) => name.startsWith("project/tests/"));
          if (names.length === 0) return next(context, input);
          const outputSelection = { ...others, ...Object.fromEntries(names.map((name) => [name, all])) };
          const measures = names.some((name) => name.startsWith("project/tests/contracts/gas/"));
          const optimizer = measures ? input.settings.optimizer : compiler.quick;
          return next(context, { ...input, settings: { ...input.settings, optimizer, outputSelection } });
        },
      }),
    }),
  },
};

export default defineConfig({
  plugins: [testsAlone],
  // Behaviour and gas are measured on the bytecode that is deployed: both profiles are the same.
  // The tests are compiled apart and deploy what was built here, AccessManager too.
  solidity: {
    profiles: { default: solc, production: solc },
    splitTestsCompilation: true,
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
  },
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
