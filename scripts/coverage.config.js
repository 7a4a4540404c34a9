// Hardhat for `make coverage`: the same compiler and tests, with marks at every statement and condition of contracts/.
// Hardhat's own `--coverage` knows statements alone; its way of collecting what was reached is used as it is.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

import base from "../hardhat.config.js";

const require = createRequire(import.meta.url);
const { getCoverageLibrary } = createRequire(require.resolve("hardhat"))("@nomicfoundation/edr/coverage");
const { BRANCHES, branchesFile, instrument } = require("./coverage_points.cjs");

const solc = require("solc");
const root = fileURLToPath(new URL("..", import.meta.url));
const built = path.join(root, "build", "coverage");
const LIBRARY = "__NomicFoundationCoverage";
const libraryFile = getCoverageLibrary().filename;

function marked(fsPath, text) {
  const name = path.relative(root, fsPath);
  const { source, points } = instrument({ solc, library: LIBRARY, libraryFile, name, text });
  mkdirSync(path.join(built, "points"), { recursive: true });
  writeFileSync(path.join(built, "points", `${name.replaceAll("/", "+")}.json`), JSON.stringify({ name, points }));
  return source;
}

const handlers = async () => ({
  default: async () => ({
    preprocessProjectFileBeforeBuilding: async (context, sourceName, fsPath, text, version, next) => {
      const ours = path.relative(root, fsPath).startsWith("contracts/");
      return next(context, sourceName, fsPath, ours ? marked(fsPath, text) : text, version);
    },
    preprocessSolcInputBeforeBuilding: async (context, input, next) => {
      input.sources[BRANCHES] = { content: branchesFile(LIBRARY, libraryFile) };
      return next(context, input);
    },
  }),
});

export default {
  ...base,
  plugins: [...base.plugins, { id: "gecchain:branches", hookHandlers: { solidity: handlers } }],
  coverage: { skipFiles: ["**/*"] },
  paths: { ...base.paths, artifacts: "build/coverage/artifacts", cache: "build/coverage/cache" },
};
