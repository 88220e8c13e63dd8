// The cluster as its gateway sees it: silos, instances in their pools, KV tiers, queues, and what moved.

import { getJson } from './api.js';
import { bytes, el, number, seconds } from './dom.js';
import { poll } from './poll.js';
import { tabs } from './tabs.js';

const Period = 1000;
const Pools = { prefill: 'Prefill', 'decode-to-prefill': 'Decode → prefill', 'prefill-to-decode': 'Prefill → decode', decode: 'Decode' };

export function show(view) {
  const note = el('p', { class: 'note', role: 'status' });
  const tiles = el('div', { class: 'tiles' });
  const pools = el('div', { class: 'pools' });
  const moves = el('ol', { class: 'moves' });
  const nodes = el('tbody');
  const links = el('p', { class: 'links' });
  view.replaceChildren(el('div', { class: 'page' },
    el('h1', { text: 'Cluster' }), tabs('cluster'), note, tiles,
    el('h2', { text: 'Instances' }), pools,
    el('h2', { text: 'Moves between pools' }), moves,
    el('h2', { text: 'Silos' }),
    el('div', { class: 'table', tabindex: 0 }, el('table', {},
      el('thead', {}, el('tr', {}, ['Silo', 'Address', 'Status', 'Role', 'Devices', 'Memory', 'Reads'].map(text => el('th', { text })))),
      nodes)), links));
  return poll(async signal => draw(await getJson('cluster', signal)), Period, error => { note.textContent = error.message; });

  function draw(cluster) {
    note.textContent = '';
    const { instances, routing } = cluster;
    const sum = name => instances.reduce((all, i) => all + (i[name] ?? 0), 0);
    const free = sum('kv_free_blocks');
    const all = sum('kv_blocks');
    tiles.replaceChildren(
      tile('Ready', `${instances.filter(i => i.health === 'ready').length} of ${instances.length}`),
      tile('Running', number.format(sum('running'))),
      tile('Waiting', number.format(sum('waiting'))),
      tile('KV in use', all ? `${number.format((100 * (all - free)) / all)} %` : '–'),
      tile('Prefix hits', sum('prefix_query_tokens') ? `${number.format((100 * sum('prefix_hit_tokens')) / sum('prefix_query_tokens'))} %` : '–'),
      tile('Policy', routing.policy));
    drawPools(instances);
    moves.replaceChildren(...(routing.pool_moves.length ? routing.pool_moves.map(text => el('li', { text })) : [el('li', { class: 'none', text: 'None so far.' })]));
    nodes.replaceChildren(...cluster.nodes.map(row));
    links.replaceChildren(...cluster.links.map(({ name, path }) => el('a', { href: path, text: name })));
  }

  function drawPools(instances) {
    const named = instances.some(i => i.pool && i.pool !== 'mixed');
    const columns = named
      ? Object.entries(Pools).map(([id, name]) => [name, instances.filter(i => poolOf(i) === id)])
      : [];
    const rest = instances.filter(i => !named || !(poolOf(i) in Pools));
    if (rest.length) columns.push([named ? 'Others' : 'All', rest]);
    pools.replaceChildren(...columns.map(([name, members]) => el('section', { class: 'pool' },
      el('h3', {}, name, el('span', { class: 'count', text: members.length })), members.map(card))));
  }
}

// As the gateway writes it, in whatever case.
function poolOf({ pool = '' }) {
  return pool.replace(/([a-z])([A-Z])/g, '$1-$2').replaceAll('_', '-').toLowerCase();
}

function tile(name, value) {
  return el('div', { class: 'tile' }, el('span', { text: name }), el('strong', { text: value }));
}

function card(i) {
  const used = i.kv_blocks - i.kv_free_blocks;
  return el('article', { class: `instance ${i.health}`, 'aria-label': i.id },
    el('header', {}, el('strong', { text: i.id }), el('span', { class: 'health', text: i.health })),
    el('p', { text: `${i.model} · ${i.device}` }),
    gauge('Running', i.running, i.max_running, `${i.running} of ${i.max_running}`),
    gauge('KV blocks', used, i.kv_blocks, `${number.format(used)} of ${number.format(i.kv_blocks)}`),
    el('dl', {},
      fact('Waiting', number.format(i.waiting)),
      fact('Prompt tokens due', number.format(i.pending_prefill_tokens)),
      fact('Token time', seconds(i.token_seconds)),
      fact('KV on host / disk', `${number.format(i.kv_host_blocks)} / ${number.format(i.kv_disk_blocks)}`),
      fact('Generated', number.format(i.generated_tokens)),
      fact('Seen', `${seconds(i.seen_seconds_ago)} ago`)),
    i.fault ? el('p', { class: 'error', text: i.fault }) : null);
}

function gauge(name, value, max, text) {
  return el('label', { class: 'gauge' }, el('span', { text: name }), el('meter', { min: 0, max: max || 1, value, high: max * 0.9 }), el('span', { text }));
}

function fact(name, text) {
  return el('div', {}, el('dt', { text: name }), el('dd', { text }));
}

function row(node) {
  const { metadata } = node;
  const memory = Number(metadata['xllm.memory_bytes']);
  const reads = Number(metadata['xllm.read_bytes_per_second']);
  return el('tr', {},
    [node.name, node.address, node.status, metadata['xllm.role'] ?? '–', metadata['xllm.devices'] ?? '–',
      memory ? bytes(memory) : '–', reads ? `${bytes(reads)}/s` : '–'].map(text => el('td', { text })));
}
