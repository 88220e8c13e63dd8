// A request's steps as bars over time: the gateway's own, then those of each run.

import { el, seconds } from './dom.js';

const Ticks = 4;
// What a step is, in few words; docs/request-lifecycle.md has the whole.
const Means = {
  parse: 'read and check the body', text: 'template, tokens, block hashes', submit: 'until the cluster had it', own: 'from submit to outcome',
  route: 'choose instances', reserve: 'a place on the instance', start: 'hand it to the engine', kv: 'wait for KV from elsewhere',
  queue: 'wait for a batch', prefill: 'compute the prompt', decode: 'generate tokens', lost: 'the instance went away',
  stream: 'tokens on their way here', detokenize: 'tokens to text', answer: 'text to the client', end: 'last token to outcome',
};

/** The bars of `steps` from 0 to `until` seconds. */
export function timeline(steps, until) {
  const groups = new Map();
  for (const step of steps) {
    const key = step.run ?? -1;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return el('div', { class: 'timeline' },
    axis(until),
    [...groups].sort((a, b) => a[0] - b[0]).map(([run, members]) => el('section', { 'aria-label': title(run, members) },
      el('h3', { text: title(run, members) }),
      el('ol', {}, members.map(step => row(step, until))))));
}

function title(run, members) {
  if (run < 0) return 'Gateway';
  const at = [...new Set(members.map(s => s.instance).filter(Boolean))];
  return `Run ${run}${at.length ? ` · ${at.join(', ')}` : ''}`;
}

function axis(until) {
  return el('div', { class: 'axis', 'aria-hidden': 'true' }, Array.from({ length: Ticks + 1 }, (_, n) =>
    place(el('span', { class: n === 0 ? 'first' : n === Ticks ? 'last' : null, text: seconds((until * n) / Ticks) }), n / Ticks)));
}

function row(step, until) {
  const cost = step.busy ?? step.end - step.begin;
  const kind = step.fault ? 'fault' : step.slowest ? 'slowest' : step.whole ? 'whole' : step.busy !== undefined ? 'pieces' : 'plain';
  const from = Math.min(1, step.begin / until);
  const to = Math.min(1, step.end / until);
  const bar = place(el('span', { class: `bar ${kind}${step.open ? ' open' : ''}` }), from, to - from);
  const words = `${seconds(cost)}${step.busy !== undefined ? ' in all' : ''}${step.open ? ' so far' : ''}`;
  const note = [Means[step.name], step.note].filter(Boolean).join(' · ');
  return el('li', {
    class: kind, tabindex: 0,
    'aria-label': `${step.name}: ${words}, from ${seconds(step.begin)} to ${seconds(step.end)}. ${note}${step.slowest ? ' The slowest step.' : ''}`,
  },
  el('span', { class: 'name' }, el('span', { class: 'number', text: step.step }), step.name),
  el('span', { class: 'track' }, from < 1 ? bar : null),
  el('span', { class: 'cost' }, words, step.slowest ? el('strong', { class: 'badge', text: 'slowest' }) : null),
  el('span', { class: 'about', text: note }));
}

// By the object model: attributes with styles are not allowed here.
function place(node, left, width) {
  node.style.left = `${(100 * left).toFixed(3)}%`;
  if (width !== undefined) node.style.width = `${(100 * width).toFixed(3)}%`;
  return node;
}
