// An answer as its tokens: colour says how likely each was, and its tooltip what else could have stood there.

import { el, number } from './dom.js';

/** Nodes for the entries of OpenAI's `logprobs.content`. */
export function tokens(entries) {
  const tip = el('div', { class: 'tip', role: 'tooltip', id: `tip-${Math.random().toString(36).slice(2)}`, hidden: true });
  const box = el('div', { class: 'tokens' },
    entries.map((entry, n) => el('span', {
      class: `token p${level(entry.logprob)}`, tabindex: 0, text: entry.token, data: { n }, 'aria-describedby': tip.id,
    })), tip);
  const show = event => {
    const n = event.target.dataset?.n;
    if (n === undefined) return;
    tip.replaceChildren(...alternatives(entries[n]));
    tip.hidden = false;
    const { left, bottom } = event.target.getBoundingClientRect();
    const around = box.getBoundingClientRect();
    tip.style.top = `${bottom - around.top + 4}px`;
    tip.style.left = `${Math.max(0, Math.min(left - around.left, around.width - tip.offsetWidth))}px`;
  };
  const hide = () => { tip.hidden = true; };
  box.addEventListener('mouseover', show);
  box.addEventListener('focusin', show);
  box.addEventListener('mouseleave', hide);
  box.addEventListener('focusout', hide);
  return box;
}

function alternatives(entry) {
  const others = entry.top_logprobs?.length ? entry.top_logprobs : [entry];
  return others.map(({ token, logprob }) => el('div', { class: token === entry.token ? 'chosen' : null },
    el('code', { text: JSON.stringify(token).slice(1, -1) }),
    el('meter', { min: 0, max: 1, value: Math.exp(logprob) }),
    el('span', { text: `${number.format(Math.exp(logprob) * 100)} %` })));
}

// 0 = nearly certain .. 4 = a surprise
function level(logprob) {
  const p = Math.exp(logprob);
  return p >= 0.9 ? 0 : p >= 0.6 ? 1 : p >= 0.3 ? 2 : p >= 0.1 ? 3 : 4;
}
