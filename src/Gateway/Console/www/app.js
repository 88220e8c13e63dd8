// Chooses the view by the address after '#'.

import { show as batches } from './batches.js';
import { show as chat } from './chat.js';
import { show as cluster } from './cluster.js';
import { poll } from './poll.js';
import { show as keys } from './keys.js';
import { show as live } from './live.js';
import { show as prefixes } from './prefixes.js';
import { show as requests } from './requests.js';
import { show as settings } from './settings.js';
import { railOf } from './tabs.js';
import { theme } from './theme.js';

const HealthPeriod = 5000;
const views = { chat, requests, cluster, prefixes, live, batches, settings, keys };
const view = document.getElementById('view');
const state = document.getElementById('state');
let leave = () => {};

function open() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const chosen = name in views ? name : 'chat';
  leave();
  for (const link of document.querySelectorAll('[data-view]')) {
    if (link.dataset.view === railOf(chosen)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${chosen[0].toUpperCase()}${chosen.slice(1)} · XLLM.Orleans`;
  leave = views[chosen](view, rest.map(decodeURIComponent).join('/'));
}

function tell(kind, text) {
  state.className = `state ${kind}`;
  state.textContent = text;
}

theme.apply();
addEventListener('hashchange', open);
open();
poll(async signal => {
  const response = await fetch('health/ready', { signal });
  tell(response.ok ? 'ok' : 'waiting', response.ok ? 'ready' : 'not ready');
}, HealthPeriod, () => tell('down', 'no gateway'));
