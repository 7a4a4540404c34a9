// The compiler as a process that stays: one line of JSON in, one line out.
// {"parse": {name, text}} -> the source's AST; {"analyse": {name, sources}} -> the same with types; {"compile": {sources, wanted}} -> ABI and bytecode of the wanted contracts.
// Settings are those of contracts/compiler.json, so mutants differ from what is deployed by their mutation alone; a `quick`
// compilation optimises as little as the stack allows, in half the time.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const root = path.resolve(__dirname, "..", "..");
const solc = require(path.join(root, "node_modules", "solc"));
const { settings, quick: QUICK } = JSON.parse(fs.readFileSync(path.join(root, "contracts", "compiler.json"), "utf8"));

function readImport(name) {
  const found = [root, path.join(root, "node_modules")].map((folder) => path.join(folder, name)).find(fs.existsSync);
  return found ? { contents: fs.readFileSync(found, "utf8") } : { error: `no such file: ${name}` };
}

function run(input, found = readImport) {
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", ...input }), { import: found }));
  const broken = (output.errors ?? []).filter((error) => error.severity === "error");
  return broken.length ? { error: broken[0].formattedMessage } : { output };
}

function parse({ name, text }) {
  const outputSelection = { "*": { "": ["ast"] } };
  const { error, output } = run({
    sources: { [name]: { content: text } },
    settings: { stopAfter: "parsing", outputSelection },
  });
  return error ? { error } : { ast: output.sources[name].ast };
}

/** `sources` lie over the files, that of `name` among them. */
function analyse({ name, sources }) {
  const contents = (file) => (file in sources ? { contents: sources[file] } : readImport(file));
  const outputSelection = { [name]: { "": ["ast"] } };
  const { error, output } = run({ sources: { [name]: { content: contents(name).contents } }, settings: { outputSelection } }, contents);
  return error ? { error } : { ast: output.sources[name].ast };
}

/** `sources` lie over the files; `wanted` are [file, contract]. */
function compile({ sources, wanted, quick }) {
  const contents = (name) => (name in sources ? { contents: sources[name] } : readImport(name));
  const outputSelection = {};
  for (const [file, contract] of wanted) outputSelection[file] = { [contract]: ["abi", "evm.bytecode.object"] };
  const chosen = quick ? { ...settings, optimizer: QUICK } : settings;
  const roots = Object.fromEntries(wanted.map(([file]) => [file, { content: contents(file).contents }]));
  const { error, output } = run({ sources: roots, settings: { ...chosen, outputSelection } }, contents);
  if (error) return { error };
  const made = wanted.map(([file, contract]) => {
    const { abi, evm } = output.contracts[file][contract];
    return [contract, { abi, bytecode: `0x${evm.bytecode.object}` }];
  });
  return { contracts: Object.fromEntries(made) };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  const answer = asked.parse ? parse(asked.parse) : asked.analyse ? analyse(asked.analyse) : compile(asked.compile);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
