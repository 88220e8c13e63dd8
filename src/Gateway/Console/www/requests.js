// The newest requests of this gateway, and the steps of one.

import { getJson } from './api.js';
import { el, number, seconds } from './dom.js';
import { poll } from './poll.js';
import { timeline } from './timeline.js';

const Period = 1000;
const States = ['all', 'waiting', 'running', 'completed', 'cancelled', 'failed'];
let state = 'all';

export function show(view, id) {
  return id ? showOne(view, id) : showAll(view);
}

function showAll(view) {
  const note = el('p', { class: 'note', role: 'status' });
  const body = el('tbody');
  const filter = el('select', { 'aria-label': 'State', on: { change: () => { state = filter.value; draw(last); } } },
    States.map(value => el('option', { value, text: value, selected: value === state })));
  let last = [];
  view.replaceChildren(el('div', { class: 'page' },
    el('header', { class: 'title' }, el('h1', { text: 'Requests' }), filter),
    note,
    el('div', { class: 'table', tabindex: 0 }, el('table', { class: 'requests' },
      el('thead', {}, el('tr', {}, [['Received'], ['State'], ['Tokens', 'right'], ['First token', 'right'], ['Per token', 'right roomy'], ['Total', 'right roomy'],
        ['In time', 'center roomy'], ['Instance', 'roomy'], ['Model', 'roomy'], ['Key', 'roomy']].map(([text, kind]) => el('th', { class: kind, text })))),
      body))));
  return poll(async signal => {
    const { data } = await getJson('cluster/requests?limit=200', signal);
    draw(data);
  }, Period, error => { note.textContent = error.message; });

  function draw(data) {
    last = data;
    const shown = data.filter(r => state === 'all' || r.state === state);
    note.textContent = data.length ? (shown.length ? '' : `None of the newest ${data.length} is ${state}.`) : 'No requests yet. Ask something in the chat.';
    // The row that has the focus keeps it.
    const focus = document.activeElement?.dataset?.request;
    body.replaceChildren(...shown.map(line));
    if (focus) body.querySelector(`[data-request="${CSS.escape(focus)}"]`)?.focus();
  }
}

function line(r) {
  const moved = r.runs > 1 ? el('span', { class: 'badge', text: `${r.runs} runs` }) : null;
  return el('tr', { on: { click: () => { location.hash = `#/requests/${r.id}`; } } },
    el('td', {}, el('a', { href: `#/requests/${r.id}`, data: { request: r.id }, text: new Date(r.received_at * 1000).toLocaleTimeString() })),
    el('td', {}, pill(r), moved),
    el('td', { class: 'right', text: `${number.format(r.prompt_tokens)} + ${number.format(r.generated_tokens)}` }),
    el('td', { class: 'right', text: seconds(r.ttft_seconds) }),
    el('td', { class: 'right roomy', text: seconds(r.tpot_seconds) }),
    el('td', { class: 'right roomy', text: seconds(r.elapsed_seconds) }),
    el('td', { class: 'center roomy' }, met(r)),
    el('td', { class: 'roomy', text: r.instance ?? '–' }),
    el('td', { class: 'roomy', text: r.model }),
    el('td', { class: 'roomy', text: r.key ?? '–' }));
}

function pill(r) {
  return el('span', { class: `pill ${r.state}`, title: r.outcome, text: r.state });
}

function met(r) {
  if (r.objectives_met === undefined) return '–';
  return r.objectives_met ? el('span', { class: 'good', text: '✓', title: 'Objectives kept' }) : el('span', { class: 'error', text: '✗', title: 'Objectives missed' });
}

function showOne(view, id) {
  const note = el('p', { class: 'note', role: 'status' });
  const tiles = el('div', { class: 'tiles' });
  const bars = el('div');
  const range = el('select', { 'aria-label': 'Range', on: { change: draw } },
    el('option', { value: 'all', text: 'the whole request' }), el('option', { value: 'first', text: 'up to the first token' }));
  const heading = el('h1', { text: 'Request' });
  let request = null;
  view.replaceChildren(el('div', { class: 'page' },
    el('p', { class: 'back' }, el('a', { href: '#/requests', text: '← All requests' })),
    el('header', { class: 'title' }, heading, range), el('p', { class: 'id', text: id }), note, tiles,
    el('h2', { text: 'Timeline' }), bars));
  // An ended request does not change any more.
  const end = poll(async signal => {
    request = await getJson(`cluster/requests/${encodeURIComponent(id)}`, signal);
    note.textContent = '';
    draw();
    if (request.outcome) end();
  }, Period, error => { note.textContent = error.message; });
  return () => end();

  function draw() {
    if (!request) return;
    const r = request;
    heading.replaceChildren('Request ', pill(r));
    const slowest = r.steps.find(s => s.slowest);
    const cost = slowest ? slowest.busy ?? slowest.end - slowest.begin : 0;
    tiles.replaceChildren(
      tile('First token', seconds(r.ttft_seconds), objective(r.ttft_objective_seconds)),
      tile('Per token', seconds(r.tpot_seconds), objective(r.tpot_objective_seconds)),
      tile('Total', seconds(r.elapsed_seconds), r.outcome ?? 'so far'),
      tile('Prompt', `${number.format(r.prompt_tokens)} tokens`, `${number.format(r.cached_tokens)} cached`),
      tile('Answer', `${number.format(r.generated_tokens)} tokens`, `of at most ${number.format(r.max_tokens)}`),
      tile('Slowest step', slowest?.name ?? '–', slowest ? `${seconds(cost)}, ${number.format((100 * cost) / Math.max(1e-9, r.elapsed_seconds))} %` : ''));
    range.hidden = r.ttft_seconds === undefined;
    const until = range.value === 'first' && r.ttft_seconds !== undefined ? r.ttft_seconds : r.elapsed_seconds;
    const facts = [r.path, r.model, r.key && `key ${r.key}`, r.priority, r.choices > 1 && `choice ${r.choice + 1} of ${r.choices}`,
      r.runs > 1 && `${r.runs} runs`].filter(Boolean).join(' · ');
    bars.replaceChildren(el('p', { class: 'hint', text: facts }), timeline(r.steps, Math.max(until, 1e-6)));
  }
}

function objective(value) {
  return value === undefined ? '' : `objective ${seconds(value)}`;
}

function tile(name, value, more) {
  return el('div', { class: 'tile' }, el('span', { text: name }), el('strong', { text: value }), more ? el('span', { text: more }) : null);
}
