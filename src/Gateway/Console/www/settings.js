// What this browser is told: its key and its colours.

import { apiKey, getJson } from './api.js';
import { el } from './dom.js';
import { tabs } from './tabs.js';
import { theme } from './theme.js';

export function show(view) {
  const result = el('output', { class: 'note' });
  const key = el('input', { type: 'password', autocomplete: 'off', value: apiKey.get(), placeholder: 'sk-…' });
  const choice = el('select', { on: { change: () => theme.set(choice.value) } },
    ['auto', 'light', 'dark'].map(value => el('option', { value, text: value, selected: value === theme.get() })));
  const save = async event => {
    event.preventDefault();
    apiKey.set(key.value.trim());
    try {
      const { data } = await getJson('v1/models');
      result.textContent = `The gateway answers; models: ${data.map(m => m.id).join(', ') || 'none'}.`;
    } catch (error) {
      result.textContent = error.message;
    }
  };
  view.replaceChildren(el('div', { class: 'page narrow' },
    el('h1', { text: 'Settings' }), tabs('settings'),
    el('form', { class: 'settings', on: { submit: save } },
      el('label', {}, el('span', { text: 'API key' }), key),
      el('p', { class: 'hint', text: 'Kept in this browser only, and sent to this gateway only.' }),
      el('label', {}, el('span', { text: 'Colours' }), choice),
      el('button', { type: 'submit', class: 'primary', text: 'Save and try' }), result)));
  return () => {};
}
