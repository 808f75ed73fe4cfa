// LM Studio's side of its protocol, by LM Studio's own public packages: their server half and their
// schemas, with a memory of models behind it. What the closed application does with a request is
// followed from outside (see README.md); what it might do is switched on by `faults`.
//
//   node server.mjs HOME     HOME is LM Studio's home; its port is published there as the app does
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { BufferedEvent } from "@lmstudio/lms-common";
import { AuthenticatedWsServer } from "@lmstudio/lms-communication-server";
import {
  createDiagnosticsBackendInterface, createEmbeddingBackendInterface, createFilesBackendInterface,
  createLlmBackendInterface, createPluginsBackendInterface, createRepositoryBackendInterface,
  createRuntimeBackendInterface, createSystemBackendInterface,
} from "@lmstudio/lms-external-backend-interfaces";
import { Memory } from "./memory.mjs";
import { rest, send, text } from "./rest.mjs";

const home = process.argv[2];
const internal = path.join(home, ".internal");
mkdirSync(internal, { recursive: true });
const memory = new Memory();
const key = randomBytes(16).toString("hex");
/** What their packages say is kept for the test, errors that a fault caused among it. */
const said = (...words) => memory.heard("said", words.map(String).join(" ").slice(0, 500));
const silent = { debug() {}, info() {}, warn: said, error: said };

/** Whoever says it is `lms` proves it, as a release does. */
const authenticator = {
  async authenticate({ clientIdentifier, clientPasskey }) {
    if (clientIdentifier === "lms-cli" && clientPasskey !== `a key for tests: ${key}`) {
      throw new Error("Invalid passkey for lms CLI client");
    }
    const [authenticationRevokedEvent] = BufferedEvent.create();
    const holder = { drop() {}, leak() {} };
    return { holder, authenticationRevokedEvent, contextCreator: () => ({ logger: silent }) };
  },
};

/** A reading can also fail by the connection going away. */
class Server extends AuthenticatedWsServer {
  onConnection(ws) {
    ws.on("message", data => {
      const { type, endpoint } = JSON.parse(data.toString("utf8"));
      if (type === "rpcCall" && READINGS.has(endpoint) && memory.strikes("drop")) ws.terminate();
    });
    super.onConnection(ws);
  }
}
const READINGS = new Set(["listDownloadedModels", "listLoaded"]);

const server = http.createServer(async (request, response) => {
  if (request.url === "/lms-status") {
    const fails = memory.strikes("status");
    return send(response, fails ? 500 : 200, fails ? {} : { package: "llmster", version: memory.version });
  }
  if (request.url === "/lmstudio-greeting") return send(response, 200, { lmstudio: true });
  if (request.url !== "/control") return send(response, 404, {});
  if (request.method === "POST") memory.control(JSON.parse(await text(request)));
  return send(response, 200, memory.told());
});

function publish(name, value) {
  const at = path.join(internal, name);
  writeFileSync(`${at}.new`, value);
  renameSync(`${at}.new`, at);
}

/** The server for clients, which `lms server start` starts. */
let offered = null;
async function offer({ port, networkInterface = "127.0.0.1" }) {
  await unoffer();
  offered = http.createServer((request, response) => rest(memory, request, response));
  await new Promise((resolve, reject) => offered.once("error", reject).listen(port, networkInterface, resolve));
  publish("http-server-config.json", JSON.stringify({ port, networkInterface }));
}
async function unoffer() {
  offered?.closeAllConnections();
  await new Promise(resolve => (offered === null ? resolve() : offered.close(resolve)));
  offered = null;
}

function answering(backend, answers) {
  for (const [endpoint, answer] of Object.entries(answers)) {
    backend.handleRpcEndpoint(endpoint, (_, wanted) => answer(wanted));
  }
  return backend;
}

function models(backend, kind) {
  backend.handleChannelEndpoint("loadModel", (_, wanted, channel) => memory.load(kind, wanted, channel));
  return answering(backend, {
    listLoaded: () => memory.reading(() => memory.loaded(kind)),
    getModelInfo: ({ specifier, throwIfNotFound }) => memory.info(kind, specifier, throwIfNotFound),
    getLoadConfig: ({ specifier }) => memory.loadConfig(kind, specifier),
    getInstanceProcessingState: ({ specifier }) => memory.processing(kind, specifier),
    estimateModelUsage: wanted => memory.estimate(kind, wanted),
    unloadModel: wanted => memory.unload(kind, wanted),
  });
}

const system = answering(createSystemBackendInterface(), {
  listDownloadedModels: () => memory.reading(() => memory.models),
  version: () => ({ version: memory.version, build: 1 }),
  info: () => ({ pid: process.pid, isDaemon: true, version: memory.version }),
  startHttpServer: offer,
  stopHttpServer: unoffer,
  requestShutdown: () => void setTimeout(() => process.exit(0), 10),
});
const repository = answering(createRepositoryBackendInterface(), { lmLinkStatus: () => memory.link() });
const engines = answering(createRuntimeBackendInterface(), {
  listEngines: () => memory.engines(),
  getEngineSelections: () => memory.selected(),
});

const namespaces = {
  llm: models(createLlmBackendInterface(), "llm"),
  embedding: models(createEmbeddingBackendInterface(), "embedding"),
  system, repository, runtime: engines,
  diagnostics: createDiagnosticsBackendInterface(), files: createFilesBackendInterface(),
  plugins: createPluginsBackendInterface(),
};
for (const [pathName, backendInterface] of Object.entries(namespaces)) {
  new Server({ backendInterface, authenticator, server, pathName, parentLogger: silent });
}
process.on("uncaughtException", error => said("uncaught", error.stack));

server.listen(0, "127.0.0.1", () => {
  publish("lms-key-2", key);
  publish("http-server.json", JSON.stringify({ port: server.address().port }));
});
