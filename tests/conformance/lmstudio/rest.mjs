// LM Studio's server for clients, as far as planner and its scripts ask it.

export function rest(memory, request, response) {
  const local = memory.instances.filter(i => i.ready && i.info.deviceIdentifier === null);
  switch (request.url) {
    case "/lmstudio-greeting":
      return send(response, 200, { lmstudio: true });
    case "/v1/models":
      return send(response, 200, { object: "list", data: local.map(i => ({ id: i.info.identifier, object: "model" })) });
    case "/api/v1/models":
      return send(response, 200, { models: memory.models.filter(m => m.deviceIdentifier === null).map(m => row(m, local)) });
    default:
      return send(response, 404, { error: { message: "Unexpected endpoint or method." } });
  }
}

function row(model, local) {
  const instances = local.filter(i => i.info.modelKey === model.modelKey);
  const config = i => ({ context_length: i.info.contextLength, parallel: i.parallel, flash_attention: true });
  return {
    type: model.type, publisher: model.publisher, key: model.modelKey, display_name: model.displayName,
    quantization: { name: model.quantization?.name ?? null, bits_per_weight: model.quantization?.bits ?? null },
    size_bytes: model.sizeBytes, params_string: null, max_context_length: model.maxContextLength ?? null,
    loaded_instances: instances.map(i => ({ id: i.info.identifier, config: config(i) })),
    format: model.format === "gguf" ? "gguf" : "mlx",
  };
}

export async function text(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

export function send(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
