// The command-line compiler that py-solc-x and ape call: npm's solc behind `--version` and `--standard-json`.
// It lays the settings of contracts/compiler.json over those of the caller, so that every tool makes one bytecode.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const solc = require(path.join(root, "node_modules", "solc"));
const compiler = JSON.parse(fs.readFileSync(path.join(root, "contracts", "compiler.json"), "utf8"));

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

function readImport(name) {
  const folders = [option("--base-path") ?? root, root, path.join(root, "node_modules")];
  const found = folders.map((folder) => path.resolve(folder, name)).find((file) => fs.existsSync(file));
  return found ? { contents: fs.readFileSync(found, "utf8") } : { error: `no such file: ${name}` };
}

if (!solc.version().startsWith(`${compiler.version}+`)) {
  process.stderr.write(`solc ${solc.version()} is installed, contracts/compiler.json asks for ${compiler.version}\n`);
  process.exit(1);
}
if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else {
  const input = JSON.parse(fs.readFileSync(0, "utf8"));
  input.settings = { ...input.settings, ...compiler.settings };
  process.stdout.write(solc.compile(JSON.stringify(input), { import: readImport }));
}
