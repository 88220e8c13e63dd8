// Live charts from the gateway's own /metrics.

import { getText } from './api.js';
import { chart } from './chart.js';
import { el, number, seconds } from './dom.js';
import { buckets, parse, quantile, total } from './metrics.js';
import { poll } from './poll.js';

const Period = 2000;
const Keep = 150;
const Latencies = { ttft: 'xllm:time_to_first_token_seconds', tpot: 'xllm:inter_token_latency_seconds', queue: 'xllm:request_queue_time_seconds' };
const Counters = { generated: 'xllm:generation_tokens_total', prompt: 'xllm:prompt_tokens_total', finished: 'xllm:request_success_total' };
const Gauges = { running: 'xllm:num_requests_running', waiting: 'xllm:num_requests_waiting' };

// They outlive the view, so that coming back shows what was.
const readings = [];
let last = null;

export function show(view) {
  const note = el('p', { class: 'note', role: 'status', text: 'The first rates come with the second reading.' });
  const quantiles = name => [{ name: 'p50', of: r => r[`${name}50`] }, { name: 'p99', of: r => r[`${name}99`] }];
  const charts = [
    chart('Time to first token', quantiles('ttft'), seconds),
    chart('Time between tokens', quantiles('tpot'), seconds),
    chart('Tokens per second', [{ name: 'generated', of: r => r.generated }, { name: 'prompt', of: r => r.prompt }], v => number.format(v)),
    chart('Requests', [{ name: 'running', of: r => r.running }, { name: 'waiting', of: r => r.waiting }], v => number.format(v)),
    chart('Time in queue', quantiles('queue'), seconds),
    chart('Requests finished per second', [{ name: 'finished', of: r => r.finished }], v => number.format(v)),
    chart('KV in use', [{ name: 'pool', of: r => r.kv }], v => `${number.format(v * 100)} %`),
    chart('Prefix hits', [{ name: 'hits', of: r => r.hits }], v => `${number.format(v * 100)} %`),
  ];
  view.replaceChildren(el('div', { class: 'page' }, el('h1', { text: 'Live' }), note, el('div', { class: 'charts' }, charts.map(c => c.node))));
  const draw = () => charts.forEach(c => c.draw(readings));
  draw();
  return poll(async signal => {
    read(parse(await getText('metrics', signal)));
    if (readings.length) note.textContent = '';
    draw();
  }, Period, error => { note.textContent = error.message; });
}

function read(metrics) {
  const now = { at: Date.now(), metrics };
  if (last) {
    const elapsed = (now.at - last.at) / 1000;
    const reading = { at: now.at };
    for (const [id, name] of Object.entries(Latencies)) {
      const [current, before] = [buckets(metrics, name), buckets(last.metrics, name)];
      reading[`${id}50`] = quantile(0.5, current, before);
      reading[`${id}99`] = quantile(0.99, current, before);
    }
    // A counter that fell was started anew.
    for (const [id, name] of Object.entries(Counters)) reading[id] = Math.max(0, total(metrics, name) - total(last.metrics, name)) / elapsed;
    for (const [id, name] of Object.entries(Gauges)) reading[id] = total(metrics, name);
    const usage = metrics.get('xllm:kv_cache_usage_perc') ?? [];
    reading.kv = usage.reduce((sum, s) => sum + s.value, 0) / Math.max(1, usage.length);
    const asked = total(metrics, 'xllm:prefix_cache_queries_total') - total(last.metrics, 'xllm:prefix_cache_queries_total');
    reading.hits = asked > 0 ? (total(metrics, 'xllm:prefix_cache_hits_total') - total(last.metrics, 'xllm:prefix_cache_hits_total')) / asked : NaN;
    readings.push(reading);
    if (readings.length > Keep) readings.shift();
  }
  last = now;
}
