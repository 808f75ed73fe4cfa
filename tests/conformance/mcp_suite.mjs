// Runs the protocol's own conformance suite against `planner mcp --http`.
//
//     node mcp_suite.mjs --planner target/debug/planner --suite node_modules/@modelcontextprotocol/conformance
//
// The suite can show no token: what stands between adds it, and passes everything else on as it comes, but that the
// port in `Host` and `Origin` becomes planner's own. Scenarios that ask for tools, resources or prompts of the suite's
// reference server are not planner's to pass.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";

const SCENARIOS = ["server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"];

const given = (name) => process.argv[process.argv.indexOf(`--${name}`) + 1];

async function served(planner) {
    const home = mkdtempSync(path.join(tmpdir(), "planner-"));
    const env = { PATH: process.env.PATH, HOME: home };
    const server = spawn(planner, ["mcp", "--http", "0"], { env, stdio: ["ignore", "inherit", "pipe"] });
    const { value: said } = await readline.createInterface(server.stderr)[Symbol.asyncIterator]().next();
    const url = new URL(/http:\/\/[^ ,]+/.exec(said)[0]);
    return { server, url, token: readFileSync(/token in (\S+);/.exec(said)[1], "utf8").trim() };
}

function withToken({ url, token }) {
    const between = http.createServer((request, answer) => {
        const own = between.address().port;
        const headers = { ...request.headers, authorization: `Bearer ${token}` };
        for (const name of ["host", "origin"]) {
            if (headers[name]) headers[name] = headers[name].replace(`:${own}`, `:${url.port}`);
        }
        const { method, url: path } = request;
        const on = http.request({ host: url.hostname, port: url.port, method, path, headers }, (got) => {
            answer.writeHead(got.statusCode, got.headers);
            answer.flushHeaders();
            got.pipe(answer);
        });
        on.on("error", () => answer.destroy());
        answer.on("close", () => on.destroy());
        request.pipe(on);
    });
    return new Promise((done) => between.listen(0, "127.0.0.1", () => done(between)));
}

function run(suite, url, scenario) {
    const args = [path.join(suite, "dist/index.js"), "server", "--url", url, "--scenario", scenario];
    const one = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [one.stdout, one.stderr]) stream.on("data", (piece) => (text += piece));
    return new Promise((done) => one.on("close", (code) => done({ code, text })));
}

const planner = await served(given("planner"));
const between = await withToken(planner);
const url = `http://127.0.0.1:${between.address().port}${planner.url.pathname}`;
const only = process.argv.includes("--scenario") ? [given("scenario")] : SCENARIOS;
let failed = 0;
for (const scenario of only) {
    const { code, text } = await run(given("suite"), url, scenario);
    const counts = /Passed: .*|\d+ passed, .*/.exec(text)?.[0] ?? "";
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${scenario}  ${counts}`);
    if (code !== 0) {
        console.log(text);
        failed += 1;
    }
}
between.close();
between.closeAllConnections();
planner.server.kill("SIGINT");
console.log(`${only.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
