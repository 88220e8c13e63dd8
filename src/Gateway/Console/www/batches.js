// Batches: files of requests that are worked off when there is room.

import { getJson, getBlob, send, upload } from './api.js';
import { ask } from './ask.js';
import { bytes, el, number } from './dom.js';
import { poll } from './poll.js';

const Period = 2000;
const Endpoints = ['/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/embeddings'];
const Open = ['validating', 'in_progress', 'finalizing'];

export function show(view) {
  const note = el('p', { class: 'note', role: 'status' });
  const found = el('output', { class: 'hint' });
  const file = el('input', { type: 'file', accept: '.jsonl,application/jsonl', required: true, 'aria-label': 'File of requests', on: { change: look } });
  const endpoint = el('select', { 'aria-label': 'Endpoint' }, Endpoints.map(value => el('option', { value, text: value })));
  const start = el('button', { type: 'submit', class: 'primary', text: 'Upload and start' });
  const list = el('div', { class: 'batches' });
  const files = el('tbody');
  const known = el('div', {},
    el('form', { class: 'make', on: { submit: begin } },
      el('label', {}, el('span', { text: 'Requests, one JSON object a line' }), file),
      el('label', {}, el('span', { text: 'Endpoint' }), endpoint), start, found),
    el('h2', { text: 'Batches' }), list,
    el('h2', { text: 'Files' }),
    el('div', { class: 'table', tabindex: 0 }, el('table', {},
      el('thead', {}, el('tr', {}, [['Name'], ['Purpose', 'roomy'], ['Size', 'right'], ['Made', 'roomy'], ['']].map(([text, kind]) => el('th', { class: kind, text })))),
      files)));
  view.replaceChildren(el('div', { class: 'page' }, el('h1', { text: 'Batches' }), note, known));
  let again = () => {};
  return poll(load, Period, failed);

  async function load(signal) {
    const [batches, stored] = await Promise.all([getJson('v1/batches?limit=100', signal), getJson('v1/files?limit=100', signal)]);
    known.hidden = false;
    note.textContent = '';
    keepFocus(() => {
      list.replaceChildren(...(batches.data.length ? batches.data.map(card) : [el('p', { class: 'hint', text: 'None so far.' })]));
      files.replaceChildren(...(stored.data.length
        ? stored.data.map(row)
        : [el('tr', {}, el('td', { colspan: 5, class: 'hint', text: 'None so far.' }))]));
    });
    again = () => load(signal).catch(failed);
  }

  function failed(error) {
    known.hidden = [401, 404, 501].includes(error.status);
    note.textContent = error.status === 404 ? 'Batches are not available on this gateway.' : error.message;
  }

  // What a file holds is told before it is sent.
  async function look() {
    found.className = 'hint';
    found.textContent = '';
    if (!file.files[0]) return;
    const lines = (await file.files[0].text()).split('\n').filter(line => line.trim());
    try {
      const urls = new Set(lines.map((line, n) => {
        try {
          return JSON.parse(line).url;
        } catch (error) {
          throw new Error(`Line ${n + 1} is no JSON: ${error.message}`);
        }
      }));
      const [url] = urls;
      if (urls.size === 1 && Endpoints.includes(url)) endpoint.value = url;
      found.textContent = `${number.format(lines.length)} requests for ${[...urls].slice(0, 3).join(', ')}.`;
    } catch (error) {
      found.className = 'error';
      found.textContent = error.message;
    }
  }

  async function begin(event) {
    event.preventDefault();
    start.disabled = true;
    found.className = 'hint';
    found.textContent = 'Uploading…';
    try {
      const { id } = await upload('v1/files', file.files[0], { purpose: 'batch' });
      await send('POST', 'v1/batches', { input_file_id: id, endpoint: endpoint.value, completion_window: '24h' });
      file.value = '';
      found.textContent = 'It has begun.';
      again();
    } catch (error) {
      found.className = 'error';
      found.textContent = error.message;
    } finally {
      start.disabled = false;
    }
  }

  async function run(action) {
    try {
      await action();
      again();
    } catch (error) {
      note.textContent = error.message;
    }
  }

  function card(batch) {
    const { total = 0, completed = 0, failed: wrong = 0 } = batch.request_counts ?? {};
    const done = completed + wrong;
    const button = (text, label, click, kind) => el('button', {
      type: 'button', class: kind, text, 'aria-label': `${label} ${batch.id}`, data: { focus: `${label} ${batch.id}` }, on: { click },
    });
    return el('article', { class: 'batch', 'aria-label': batch.id },
      el('header', {}, el('strong', { text: batch.id }), el('span', { class: `pill ${batch.status}`, text: batch.status.replace('_', ' ') })),
      el('p', { text: `${batch.endpoint} · ${new Date(batch.created_at * 1000).toLocaleString()}` }),
      el('progress', { max: total || 1, value: total ? done : null, 'aria-label': `${done} of ${total} requests` }),
      el('p', {}, `${number.format(done)} of ${number.format(total)} requests`, wrong ? el('span', { class: 'error', text: ` · ${number.format(wrong)} failed` }) : null),
      (batch.errors?.data ?? []).slice(0, 5).map(e => el('p', { class: 'error', text: `${e.line ? `Line ${e.line}: ` : ''}${e.message}` })),
      el('div', { class: 'buttons' },
        batch.output_file_id ? button('Results', 'Results of', () => run(() => save(batch.output_file_id, `${batch.id}-output.jsonl`))) : null,
        batch.error_file_id ? button('Errors', 'Errors of', () => run(() => save(batch.error_file_id, `${batch.id}-errors.jsonl`))) : null,
        Open.includes(batch.status)
          ? button('Cancel', 'Cancel', () => run(() => send('POST', `v1/batches/${encodeURIComponent(batch.id)}/cancel`, {})), 'danger')
          : null));
  }

  function row(stored) {
    return el('tr', {},
      el('td', { text: stored.filename }),
      el('td', { class: 'roomy', text: stored.purpose }),
      el('td', { class: 'right', text: bytes(stored.bytes) }),
      el('td', { class: 'roomy', text: new Date(stored.created_at * 1000).toLocaleString() }),
      el('td', {}, el('div', { class: 'buttons' },
        el('button', {
          type: 'button', text: 'Download', 'aria-label': `Download ${stored.filename}`, data: { focus: `d${stored.id}` },
          on: { click: () => run(() => save(stored.id, stored.filename)) },
        }),
        el('button', {
          type: 'button', class: 'danger', text: 'Delete', 'aria-label': `Delete ${stored.filename}`, data: { focus: `x${stored.id}` },
          on: {
            click: async () => {
              if (await ask(`Delete “${stored.filename}”?`, 'Delete')) await run(() => send('DELETE', `v1/files/${encodeURIComponent(stored.id)}`));
            },
          },
        }))));
  }
}

// The key travels in a header, so a plain link would not do.
async function save(id, name) {
  const url = URL.createObjectURL(await getBlob(`v1/files/${encodeURIComponent(id)}/content`));
  const link = el('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Cards are drawn anew with each look; the button that has the focus keeps it.
function keepFocus(draw) {
  const focus = document.activeElement?.dataset?.focus;
  draw();
  if (focus) document.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}
