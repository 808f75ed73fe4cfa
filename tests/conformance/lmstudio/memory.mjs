// What LM Studio has on disk and in memory, and what goes wrong with it.

const MIB = 1 << 20;
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

export class Memory {
  version = "0.4.25";
  models = [];
  instances = [];
  log = [];
  faults = {};
  preferred = null;
  peers = [];
  seed = 1;
  references = 0;

  /** Everything that a test sets, in one message. */
  control(wanted) {
    for (const [name, value] of Object.entries(wanted)) {
      if (name === "load") value.forEach(row => this.place(row));
      else this[name] = value;
    }
  }
  told() {
    const { instances, log, models } = this;
    return { instances, log, models };
  }
  heard(...words) {
    this.log.push(words);
  }

  // ---- Faults -----------------------------------------------------------------------------------

  /** xorshift32 (Marsaglia 2003): the same faults for the same seed and the same calls. */
  random() {
    let x = this.seed | 0 || 1;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.seed = x;
    return (x >>> 0) / 2 ** 32;
  }
  /** Whether this fault strikes now: `faults` has its probability. */
  strikes(name) {
    const share = this.faults[name] ?? 0;
    const hit = share > 0 && this.random() < share;
    if (hit) this.heard("fault", name);
    return hit;
  }
  reading(read) {
    if (this.strikes("error")) throw new Error("Cannot read the models right now");
    return read();
  }

  // ---- What is loaded ---------------------------------------------------------------------------

  /** Whether a listing shows what is still being loaded is not known of the application. */
  loaded(kind) {
    const seen = i => i.ready || this.faults.shown_early;
    return this.instances.filter(i => i.info.type === kind && seen(i)).map(i => i.info);
  }
  find(kind, specifier) {
    const ofKind = this.instances.filter(i => i.info.type === kind);
    if (specifier.type === "instanceReference") {
      return ofKind.find(i => i.info.instanceReference === specifier.instanceReference);
    }
    const { identifier, deviceIdentifier } = specifier.query;
    const same = i => identifier === undefined || i.info.identifier === identifier;
    return ofKind.find(i => same(i) && (deviceIdentifier === undefined || i.info.deviceIdentifier === deviceIdentifier));
  }
  found(kind, specifier) {
    const instance = this.find(kind, specifier);
    if (instance === undefined) throw new Error("No model found that fits the query");
    return instance;
  }
  info(kind, specifier, throwIfNotFound) {
    return throwIfNotFound ? this.found(kind, specifier).info : this.find(kind, specifier)?.info;
  }
  loadConfig(kind, specifier) {
    const { info, parallel } = this.found(kind, specifier);
    const field = (key, value) => ({ key, value });
    const slots = kind === "llm" ? [field("llm.load.numParallelSessions", parallel)] : [];
    return { fields: [field(`${kind}.load.contextLength`, info.contextLength), ...slots] };
  }
  processing(kind, specifier) {
    const { info } = this.found(kind, specifier);
    const busy = this.faults.busy === info.identifier;
    return { status: busy ? "generating" : "idle", queued: busy ? 1 : 0 };
  }

  // ---- Loading and unloading --------------------------------------------------------------------

  /** None: where the preferred device has it, else here, else where it is. */
  resolve(kind, { modelKey, deviceIdentifier }) {
    const all = this.models.filter(m => m.type === kind && m.modelKey === modelKey);
    const on = device => all.find(m => m.deviceIdentifier === device);
    const preferred = this.preferred === null ? undefined : on(this.preferred);
    const model = deviceIdentifier === undefined ? (preferred ?? on(null) ?? all[0]) : on(deviceIdentifier);
    if (model === undefined) throw new Error(`Cannot find a model with key "${modelKey}"`);
    return model;
  }
  estimate(kind, wanted) {
    const bytes = this.resolve(kind, wanted).sizeBytes;
    const memory = { confidence: "high", modelVramBytes: bytes, contextVramBytes: 64 * MIB, totalVramBytes: bytes + 64 * MIB, modelBytes: bytes, contextBytes: 64 * MIB, totalBytes: bytes + 64 * MIB };
    return { memory, passesGuardrails: !this.faults.estimate_refused };
  }
  taken(name, device) {
    return this.instances.some(i => i.info.identifier === name && i.info.deviceIdentifier === device);
  }
  /** An instance as the protocol tells it; `ready` once it is loaded. */
  instance(model, { identifier, context, parallel, ttlMs = null, ready = true }) {
    this.references += 1;
    const instanceReference = `ref-${this.references}`;
    const info = { ...model, identifier, instanceReference, ttlMs, lastUsedTime: null, contextLength: context };
    return { info, parallel, ready };
  }
  place({ key, device = null, ...how }) {
    const model = this.models.find(m => m.modelKey === key && m.deviceIdentifier === device);
    this.instances.push(this.instance(model, how));
  }
  async load(kind, wanted, channel) {
    this.heard("load", wanted.identifier ?? wanted.modelKey, wanted.deviceIdentifier ?? null);
    const model = this.resolve(kind, wanted);
    const fields = wanted.loadConfigStack.layers.flatMap(l => l.config.fields);
    const field = (name, usual) => fields.find(f => f.key === name)?.value ?? usual;
    const { identifier: name, device } = this.name(wanted, model);
    const instance = this.instance(model, {
      identifier: name, ttlMs: wanted.ttlMs ?? null, ready: false,
      context: field(`${kind}.load.contextLength`, 4096), parallel: field("llm.load.numParallelSessions", 4),
    });
    let cancelled = false;
    channel.onMessage.subscribe(() => {
      cancelled = true;
      this.heard("cancel", name);
    });
    // Nobody hears of the rest once the other side is gone; whether the load goes on is not known.
    let heard = true;
    channel.onError.subscribeOnce(() => {
      heard = false;
      cancelled ||= this.faults.abandoned === "cancelled";
      this.heard("abandoned", name);
    });
    this.instances.push(instance);
    channel.send({ type: "resolved", info: model });
    try {
      await this.bringUp(instance, device, () => cancelled, progress => heard && channel.send({ type: "progress", progress }));
    } catch (error) {
      this.instances = this.instances.filter(i => i !== instance);
      throw error;
    }
    instance.ready = true;
    this.heard("loaded", name);
    if (heard) channel.send({ type: "success", info: instance.info });
  }
  /** A name that was asked for must be free; the usual one gets a number. */
  name({ identifier, modelKey }, { deviceIdentifier: device }) {
    if (identifier !== undefined) {
      if (this.taken(identifier, device)) throw new Error(`A model with the identifier "${identifier}" is already loaded.`);
      return { identifier, device };
    }
    let free = modelKey;
    for (let n = 2; this.taken(free, device); n += 1) free = `${modelKey}:${n}`;
    return { identifier: free, device };
  }
  async bringUp({ info }, device, cancelled, progress) {
    const [steps, milliseconds] = [8, this.faults.load_ms ?? 40];
    for (let step = 1; step <= steps; step += 1) {
      await pause(milliseconds / steps);
      if (cancelled()) throw new Error("Model loading was cancelled");
      progress(step / steps);
    }
    const here = this.instances.filter(i => i.info.deviceIdentifier === device);
    const bytes = here.reduce((sum, i) => sum + i.info.sizeBytes, 0);
    if (device === null && bytes > (this.faults.capacity ?? Infinity)) {
      throw new Error("Model loading was stopped due to insufficient system resources.");
    }
    if (this.faults.refused === info.identifier) throw new Error("Failed to load the model");
  }
  async unload(kind, { identifier, deviceIdentifier }) {
    this.heard("unload", identifier, deviceIdentifier ?? null);
    await pause(this.faults.unload_ms ?? 10);
    const is = i => i.info.type === kind && i.info.identifier === identifier;
    const at = this.instances.find(i => is(i) && (deviceIdentifier === undefined || i.info.deviceIdentifier === deviceIdentifier));
    if (at === undefined) throw new Error(`Cannot find a model with the identifier "${identifier}"`);
    this.instances = this.instances.filter(i => i !== at);
  }

  // ---- Beside the models ------------------------------------------------------------------------

  link() {
    const linked = this.peers.length > 0;
    return {
      status: linked ? "online" : "offline", issues: linked ? [] : ["notLoggedIn"], peers: this.peers,
      deviceIdentifier: "this-device", deviceName: "mac-studio", preferredDeviceIdentifier: this.preferred ?? undefined,
    };
  }
  engines() {
    const of = (name, version, format) => ({
      name, version, engine: name.split("-")[0], platform: "mac", cpu: { architecture: "arm64" },
      gpu: { make: "Apple", framework: "Metal" }, supportedModelFormatNames: [format],
    });
    return [
      of("llama.cpp-mac-arm64-apple-metal-advsimd", "2.41.0", "GGUF"),
      of("mlx-llm-mac-arm64-apple-metal-advsimd", "1.11.0", "MLX"),
      of("mlx-llm-mac-arm64-apple-metal-advsimd", "1.8.5", "MLX"),
    ];
  }
  selected() {
    const [gguf, mlx] = this.engines();
    const named = ({ name, version }) => ({ name, version });
    return new Map([["GGUF", named(gguf)], ["MLX", named(mlx)]]);
  }
}
