// Which beginnings of prompts the cluster has KV of, as an icicle: tokens from left to right, branches below each other.

import { getJson } from './api.js';
import { el, number } from './dom.js';
import { poll } from './poll.js';
import { tabs } from './tabs.js';

const Period = 3000;
const Tiers = [['pool', 'pool'], ['host', 'host memory'], ['disk', 'disk']];

export function show(view) {
  const note = el('p', { class: 'note', role: 'status' });
  const tiles = el('div', { class: 'tiles' });
  const icicle = el('div', { class: 'icicle', role: 'list', 'aria-label': 'Prefixes' });
  const about = el('div', { class: 'tile', 'aria-live': 'polite', hidden: true });
  let chosen = '';
  view.replaceChildren(el('div', { class: 'page' }, el('h1', { text: 'Cluster' }), tabs('prefixes'), note, tiles,
    el('ul', { class: 'legend tiers' }, Tiers.map(([id, text]) => el('li', { class: id, text: `in ${text}` }))), icicle, about));
  return poll(async signal => draw(await getJson('cluster/prefixes?limit=300', signal)), Period, error => { note.textContent = error.message; });

  function draw({ segments, blocks, chains, block_tokens: blockTokens }) {
    note.textContent = segments.length ? '' : 'No prefix is held anywhere yet. Ask something in the chat.';
    const { rows, width } = layOut(segments);
    tiles.replaceChildren(tile('Blocks', number.format(blocks)), tile('Tokens', number.format(blocks * blockTokens)), tile('Chains', number.format(chains)),
      tile('Longest shown', `${number.format(width)} tokens`), tile('Most found', found(segments)));
    icicle.style.height = `${rows * 2}rem`;
    const focus = document.activeElement?.dataset?.segment;
    icicle.replaceChildren(...segments.map(s => bar(s, width)));
    if (focus) icicle.querySelector(`[data-segment="${focus}"]`)?.focus();
    tell(segments.find(s => s.id === chosen));
  }

  function bar(s, width) {
    const held = sum(s);
    const most = Tiers.map(([id]) => id).reduce((best, id) => (held[id] > held[best] ? id : best), 'pool');
    const node = el('button', {
      type: 'button', class: `segment ${most}`, role: 'listitem', data: { segment: s.id }, 'aria-label': words(s), title: words(s),
      on: { click: () => { chosen = s.id; tell(s); } },
    }, el('span', { text: `${number.format(s.tokens)}${s.hits ? ` · ${number.format(s.hits)}×` : ''}` }));
    node.style.left = `${(100 * s.from) / width}%`;
    node.style.width = `${(100 * s.tokens) / width}%`;
    node.style.top = `${s.row * 2}rem`;
    node.style.height = `${s.height * 2}rem`;
    return node;
  }

  function tell(s) {
    about.hidden = !s;
    if (!s) return;
    about.replaceChildren(el('strong', { text: `Tokens ${number.format(s.from)} to ${number.format(s.from + s.tokens)}` }),
      el('span', { text: `${number.format(s.blocks)} blocks${s.hits ? `, found ${number.format(s.hits)} times` : ''} · first block ${s.id}` }),
      el('ul', {}, s.holders.map(h => el('li', {
        text: `${h.instance}: ${Tiers.filter(([id]) => h[id]).map(([id, text]) => `${number.format(h[id])} in ${text}`).join(', ')}`,
      }))));
  }
}

// Each leaf has a row; what branches is as high as its branches. Parents come before their children.
function layOut(segments) {
  const children = segments.map(() => []);
  const roots = [];
  segments.forEach((s, n) => {
    s.from = s.parent < 0 ? 0 : segments[s.parent].from + segments[s.parent].tokens;
    (s.parent < 0 ? roots : children[s.parent]).push(n);
  });
  for (let n = segments.length - 1; n >= 0; n--) segments[n].height = Math.max(1, children[n].reduce((all, c) => all + segments[c].height, 0));
  const place = (members, row) => members.forEach(n => {
    segments[n].row = row;
    row += segments[n].height;
  });
  place(roots, 0);
  segments.forEach((s, n) => place(children[n], s.row));
  return { rows: roots.reduce((all, n) => all + segments[n].height, 0), width: Math.max(1, ...segments.map(s => s.from + s.tokens)) };
}

function sum(s) {
  return Object.fromEntries(Tiers.map(([id]) => [id, s.holders.reduce((all, h) => all + h[id], 0)]));
}

function words(s) {
  const held = s.holders.map(h => `${h.instance} (${Tiers.filter(([id]) => h[id]).map(([, text]) => text).join(', ')})`).join('; ');
  return `Tokens ${number.format(s.from)} to ${number.format(s.from + s.tokens)}${s.hits ? `, found ${number.format(s.hits)} times` : ''}, held by ${held || 'nobody'}`;
}

// A router that has no choice between instances does not look prefixes up.
function found(segments) {
  const most = Math.max(0, ...segments.map(s => s.hits));
  return most ? `${number.format(most)} times` : '–';
}

function tile(name, value) {
  return el('div', { class: 'tile' }, el('span', { text: name }), el('strong', { text: value }));
}
