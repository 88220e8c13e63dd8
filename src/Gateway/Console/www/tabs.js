// Pages that belong to one entry of the rail.

import { el } from './dom.js';

const Groups = [
  [['cluster', 'Instances'], ['prefixes', 'Prefix cache']],
  [['settings', 'This browser'], ['keys', 'API keys']],
];

/** Links to the pages beside `name`, itself among them. */
export function tabs(name) {
  const group = Groups.find(g => g.some(([id]) => id === name));
  return el('nav', { class: 'tabs', 'aria-label': 'Pages' }, group.map(([id, text]) =>
    el('a', { href: `#/${id}`, 'aria-current': id === name ? 'page' : null, text })));
}

/** The rail's entry for a page. */
export function railOf(name) {
  return Groups.find(g => g.some(([id]) => id === name))?.[0][0] ?? name;
}
