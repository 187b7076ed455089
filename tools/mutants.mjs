// Copies of the sources in which every mutation of tests/simulation/mutations.mjs can be switched on,
// and what the simulation says of each: a mutation that it lives with is a rule nobody looks after.
//
// The copies lie in target/mutants and are compiled once; which mutation is on is read when they run.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MUTATIONS } from "../tests/simulation/mutations.mjs";
import { mustRun, Stop } from "./child.mjs";
import { inProject } from "./project.mjs";

const COPY = inProject("target", "mutants");
const MEMBERS = ["crates/core", "crates/issuer", "tests/simulation"];
// What others have written is as in the workspace, and so need not be compiled again.
const TARGET = inProject("target");
const BUILD = ["--offline", "--manifest-path", join(COPY, "Cargo.toml"), "--target-dir", TARGET];

const PROGRAM = "simulation-of-mutants";

/** At most so many histories until a mutation has to be noticed. */
const HISTORIES = 20_000;

/** Says of each mutation what notices it; returns those that are noticed and those that are not. */
export async function mutants() {
  writeCopies();
  await mustRun("cargo", ["build", "--quiet", ...BUILD, "--bin", PROGRAM]);
  const outcomes = MUTATIONS.map((mutation) => ({ mutation, ...noticed(mutation) }));
  for (const { mutation, by, is } of outcomes) console.log(`  ${is ? "✔" : "✘"} ${mutation.name}: ${by}`);
  return { passed: outcomes.filter(({ is }) => is).length, failed: outcomes.filter(({ is }) => !is).length };
}

function noticed({ name, caught }) {
  if (caught === "I8") return noticedOfRings(name);
  const { status, stdout } = spawnSync(join(TARGET, "debug", PROGRAM), ["--brief", "--histories", String(HISTORIES)], {
    env: { ...process.env, MUTATION: name },
    encoding: "utf8",
  });
  const [, seed, invariant] = /^seed (\d+) breaks (\w+)/m.exec(stdout) ?? [];
  if (status === 0 || !invariant) return { is: false, by: "nobody notices" };
  return { is: invariant === caught, by: `${invariant}, history ${seed}${invariant === caught ? "" : `, not ${caught}`}` };
}

/** Rings have histories of their own, in the core's proofs. */
function noticedOfRings(name) {
  const { status, stdout } = spawnSync("cargo", ["test", "--quiet", ...BUILD, "-p", "hallpass-core", "--test", "proofs", "rings"], {
    env: { ...process.env, MUTATION: name },
    encoding: "utf8",
  });
  const is = status !== 0 && /I8: \w+ signs too early/.test(stdout);
  return { is, by: is ? "I8, proofs/rings.rs" : "nobody notices" };
}

function writeCopies() {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const member of MEMBERS) {
    for (const part of ["Cargo.toml", "src", "js", "tests"].filter((part) => existsSync(inProject(member, part)))) cpSync(inProject(member, part), join(COPY, member, part), { recursive: true });
  }
  const manifest = readFileSync(inProject("Cargo.toml"), "utf8");
  const members = manifest.replace(/^members = .*$/m, `members = ${JSON.stringify(MEMBERS)}`);
  write("Cargo.toml", members.replace("[workspace.lints.rust]", '$&\nunused_parens = "allow"'));
  cpSync(inProject("Cargo.lock"), join(COPY, "Cargo.lock"));
  const simulation = "tests/simulation/Cargo.toml";
  write(simulation, `${read(simulation)}\n[[bin]]\nname = "${PROGRAM}"\npath = "src/main.rs"\n`);
  for (const mutation of MUTATIONS) mutate(mutation);
  write("crates/core/src/lib.rs", read("crates/core/src/lib.rs") + SWITCH);
}

function mutate({ name, file, from, to }) {
  const text = read(file);
  const [before, after, ...more] = text.split(from);
  if (after === undefined || more.length > 0) throw new Stop(`"${name}": ${file} does not have that text once: ${from}`);
  const on = `${file.startsWith("crates/core") ? "crate" : "hallpass_core"}::mutation(${JSON.stringify(name)})`;
  const either = `if ${on} { ${to} } else { ${from} }`;
  write(file, before + (from.endsWith(";") ? either : `(${either})`) + after);
}

const SWITCH = `
extern crate std;

/// Whether that mutation is on.
pub fn mutation(name: &str) -> bool {
    static ON: std::sync::OnceLock<Option<alloc::string::String>> = std::sync::OnceLock::new();
    ON.get_or_init(|| std::env::var("MUTATION").ok()).as_deref() == Some(name)
}
`;

const read = (file) => readFileSync(join(COPY, file), "utf8");

function write(file, text) {
  mkdirSync(dirname(join(COPY, file)), { recursive: true });
  writeFileSync(join(COPY, file), text);
}
