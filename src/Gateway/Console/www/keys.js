// The API keys of this gateway, for who has an admin's.

import { getJson, send } from './api.js';
import { ask } from './ask.js';
import { el, number } from './dom.js';
import { poll } from './poll.js';
import { tabs } from './tabs.js';

const Period = 3000;
const Limits = [['requests_per_minute', 'Requests a minute'], ['tokens_per_minute', 'Tokens a minute'], ['concurrency', 'Requests at a time']];
const Classes = [['interactive', 'interactive, first'], ['normal', 'normal'], ['batch', 'batch, last']];

export function show(view) {
  const note = el('p', { class: 'note', role: 'status' });
  const made = el('div', { role: 'status', 'aria-live': 'polite' });
  const body = el('tbody');
  const name = el('input', { required: true, maxlength: 64, pattern: '[A-Za-z0-9._\\-]+', placeholder: 'team-a', autocomplete: 'off' });
  const limits = Limits.map(([id, text]) => [id, text, el('input', { type: 'number', min: 1, step: 1, placeholder: 'no limit' })]);
  const priority = el('select', {}, Classes.map(([value, text]) => el('option', { value, text })));
  const admin = el('input', { type: 'checkbox' });
  const form = el('form', { class: 'make', on: { submit: create } },
    el('label', {}, el('span', { text: 'Name' }), name),
    limits.map(([, text, input]) => el('label', {}, el('span', { text }), input)),
    el('label', {}, el('span', { text: 'Class' }), priority),
    el('label', { class: 'check' }, el('span', { text: 'Admin: may manage keys' }), admin),
    el('button', { type: 'submit', class: 'primary', text: 'Make a key' }));
  const known = el('div', {},
    el('div', { class: 'table', tabindex: 0 }, el('table', {},
      el('thead', {}, el('tr', {}, [['Name'], ['Class', 'roomy'], ['Requests'], ['Tokens'], ['Now', 'roomy'], ['Last used', 'roomy'], ['']]
        .map(([text, kind]) => el('th', { class: kind, text })))),
      body)),
    el('h2', { text: 'New key' }), made, form);
  view.replaceChildren(el('div', { class: 'page' }, el('h1', { text: 'API keys' }), tabs('keys'), note, known));
  let pollAgain = () => {};
  const end = poll(load, Period, failed);
  return end;

  async function load(signal) {
    const { data, keys_needed: needed } = await getJson('cluster/keys', signal);
    known.hidden = !needed;
    note.textContent = needed ? '' : 'This gateway needs no keys. With Gateway:ApiKeysFile it does: xllm keys add NAME --admin makes the first one.';
    body.replaceChildren(...data.map(row));
    pollAgain = () => load(signal).catch(failed);
  }

  function failed(error) {
    known.hidden = error.status === 401 || error.status === 403;
    note.textContent = error.status === 401 ? 'Enter your API key under “This browser” first.' : error.message;
  }

  async function create(event) {
    event.preventDefault();
    const request = { name: name.value.trim(), priority: priority.value, admin: admin.checked };
    for (const [id, , input] of limits) if (input.value) request[id] = Number(input.value);
    try {
      const answer = await send('POST', 'cluster/keys', request);
      const text = el('code', { class: 'secret', text: answer.key, tabindex: 0 });
      made.replaceChildren(el('p', {}, `The key “${answer.name}” is shown only now: `, text, ' ',
        el('button', { type: 'button', text: 'Copy', on: { click: () => navigator.clipboard.writeText(answer.key) } })));
      form.reset();
      pollAgain();
    } catch (error) {
      made.replaceChildren(el('p', { class: 'error', role: 'alert', text: error.message }));
    }
  }

  async function remove(key) {
    if (!await ask(`Remove the key “${key.name}”? Who uses it is refused from then on.`, 'Remove')) return;
    try {
      await send('DELETE', `cluster/keys/${encodeURIComponent(key.name)}`);
      pollAgain();
    } catch (error) {
      note.textContent = error.message;
    }
  }

  function row(key) {
    const { usage } = key;
    return el('tr', {},
      el('td', {}, key.name, key.own ? el('span', { class: 'badge', text: 'yours' }) : null),
      el('td', { class: 'roomy', text: key.admin ? `admin, ${key.priority}` : key.priority }),
      el('td', {}, number.format(usage.requests), left(usage.requests_left, key.requests_per_minute)),
      el('td', {}, number.format(usage.tokens), left(usage.tokens_left, key.tokens_per_minute)),
      el('td', { class: 'roomy', text: key.concurrency ? `${usage.running} of ${key.concurrency}` : usage.running }),
      el('td', { class: 'roomy', text: usage.last_used_at ? new Date(usage.last_used_at * 1000).toLocaleString() : 'not since the start' }),
      el('td', { class: 'right' }, el('button', {
        type: 'button', class: 'danger', text: 'Remove', disabled: key.own, 'aria-label': `Remove ${key.name}`, on: { click: () => remove(key) },
      })));
  }
}

function left(amount, limit) {
  if (limit === null) return null;
  return el('span', { class: 'left' },
    el('meter', { min: 0, max: limit, low: limit * 0.1, value: Math.max(0, amount), 'aria-label': 'left of this minute' }),
    ` ${number.format(Math.max(0, amount))} of ${number.format(limit)} left`);
}
