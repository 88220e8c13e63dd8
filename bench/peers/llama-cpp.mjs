// Drives llama.cpp as the npm package node-llama-cpp ships it, for `xllm bench engine --peer llama.cpp`.
//   node llama-cpp.mjs MODEL.gguf THREADS VOCABULARY
// Reads one JSON request a line and answers one JSON line each; ends with its input. Between requests it does nothing.
//   {"op":"prefill","context":512,"flash":true}       one prompt, logits of its last token
//   {"op":"decode","streams":4,"most":32,"context":128,"steps":64,"room":193,"flash":true}
//   {"op":"mixed","streams":4,"most":8,"context":512,"room":600,"flash":true,"schedule":[[[stream,count,at,wanted],...],...]}
// Answers {"seconds":...,"tokens":...} or {"error":"..."}; first of all {"ready":true,"system":"...","release":"..."}.
//
// Decode and mixed requests compute one random prompt and copy its KV cells to the other streams (each has its own memory),
// outside the time. Decode: one step warms up; then `steps` steps of one random token a stream are timed, logits of all of them
// wanted, nothing sampled. Mixed: the steps of the schedule are timed. The low-level binding is used, one call a step.
import readline from "node:readline";
import {getLlama} from "node-llama-cpp";

const BATCH = 512;
const [modelPath, threads, vocabulary] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

const llama = await getLlama({gpu: false, build: "never", skipDownload: true, logLevel: "error", maxThreads: threads, progressLogs: false});
const binding = llama._bindings;
const model = new binding.AddonModel(modelPath, {addonExports: binding, gpuLayers: 0, useMmap: true});
if (!await model.init()) throw new Error("the model could not be loaded");

let state = 1;
function randomToken() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state % vocabulary;
}

function randomTokens(count) {
  return Uint32Array.from({length: count}, randomToken);
}

let held = null;
// One context at a time: `streams` sequences of `length` tokens.
async function contextFor(key, streams, length, flash) {
  if (held?.key !== key) {
    await held?.context.dispose();
    held = null;
    const perStream = Math.ceil((length + 1) / 256) * 256;
    const context = new binding.AddonContext(model, {
      contextSize: perStream * streams, batchSize: BATCH, sequences: streams, flashAttention: flash, threads, performanceTracking: false
    });
    if (!await context.init()) throw new Error(`no context of ${streams} x ${perStream} tokens`);
    held = {key, context, filled: 0};
  }
  return held;
}

async function run(context, parts) {
  context.initBatch(parts.reduce((sum, p) => sum + p.tokens.length, 0));
  for (const p of parts) context.addToBatch(p.stream, p.at, p.tokens, p.wanted);
  await context.decodeBatch();
}

async function prompt(context, stream, tokens) {
  for (let at = 0; at < tokens.length; at += BATCH) {
    const chunk = tokens.subarray(at, Math.min(at + BATCH, tokens.length));
    const last = at + chunk.length === tokens.length;
    await run(context, [{stream, at, tokens: chunk, wanted: Uint32Array.from(last ? [chunk.length - 1] : [])}]);
  }
}

async function timed(body) {
  const start = process.hrtime.bigint();
  await body();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

async function prefill({context: length, flash}) {
  const {context, filled} = await contextFor(`prefill ${length} ${flash}`, 1, length, flash);
  const tokens = randomTokens(length);
  if (filled === 0) {
    await prompt(context, 0, tokens.subarray(0, Math.min(64, length)));
    context.disposeSequence(0);
    held.filled = 1;
  }
  const seconds = await timed(() => prompt(context, 0, tokens));
  context.disposeSequence(0);
  return {seconds, tokens: length};
}

async function filled({op, streams, most, context: length, room, flash}) {
  const {context} = await contextFor(`${op} ${length} ${room} ${most} ${flash}`, most, room + 1, flash);
  if (held.filled === 0) {
    await prompt(context, 0, randomTokens(length));
    held.filled = 1;
  }
  for (; held.filled < streams; held.filled++) await context.copySequenceStateFromOtherSequence(held.filled, 0);
  return context;
}

async function decode(request) {
  const {streams, context: length, steps} = request;
  const context = await filled(request);
  const step = (at) => run(context, Array.from({length: streams}, (_, stream) => (
    {stream, at, tokens: randomTokens(1), wanted: Uint32Array.of(0)})));
  await step(length);
  const seconds = await timed(async () => {
    for (let i = 1; i <= steps; i++) await step(length + i);
  });
  for (let stream = 0; stream < streams; stream++) context.removeTokenCellsFromSequence(stream, length, -1);
  return {seconds, tokens: streams * steps};
}

async function mixed(request) {
  const {streams, context: length, schedule} = request;
  const context = await filled(request);
  let tokens = 0;
  const seconds = await timed(async () => {
    for (const step of schedule) {
      await run(context, step.map(([stream, count, at, wanted]) => (
        {stream, at, tokens: randomTokens(count), wanted: Uint32Array.from(wanted ? [count - 1] : [])})));
      tokens += step.reduce((sum, part) => sum + part[1], 0);
    }
  });
  for (let stream = 0; stream < streams; stream++) context.removeTokenCellsFromSequence(stream, length, -1);
  for (let stream = streams; stream < 2 * streams; stream++) context.disposeSequence(stream);
  return {seconds, tokens};
}

function answer(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

const operations = {prefill, decode, mixed};
answer({ready: true, system: llama.systemInfo, release: `llama.cpp ${llama.llamaCppRelease?.release ?? "unknown"}`});
for await (const line of readline.createInterface({input: process.stdin})) {
  try {
    const request = JSON.parse(line);
    if (!operations[request.op]) throw new Error(`no operation '${request.op}'`);
    answer(await operations[request.op](request));
  } catch (error) {
    answer({error: String(error?.message ?? error)});
  }
}
process.exit(0);
