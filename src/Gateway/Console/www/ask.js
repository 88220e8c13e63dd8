// A question before something that cannot be undone.

import { el } from './dom.js';

/** Asks; true when `action` was chosen. Escape is no. */
export function ask(text, action) {
  return new Promise(resolve => {
    const dialog = el('dialog', { class: 'ask', on: { close: () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); } } },
      el('form', { method: 'dialog' }, el('p', { text }),
        el('div', { class: 'buttons' }, el('button', { value: 'no', text: 'Cancel' }), el('button', { value: 'yes', class: 'danger', text: action }))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
