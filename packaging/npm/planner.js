#!/usr/bin/env node
// Runs the program that the package of this platform brought along.
"use strict";
const { spawnSync } = require("node:child_process");

const name = `llm-loadout-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/planner`);
} catch {
  console.error(`error: there is no planner for ${process.platform} ${process.arch} here`);
  console.error(`hint: npm leaves it out with --omit=optional; else build it with Rust: cargo install llm-loadout`);
  process.exit(2);
}
// An interrupt reaches the program by itself: this one waits for its end.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
const ended = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ended.error) {
  console.error(`error: ${ended.error.message}`);
  process.exit(2);
}
if (ended.signal) {
  process.removeAllListeners(ended.signal);
  process.kill(process.pid, ended.signal);
}
process.exit(ended.status ?? 2);
