// The chat: one conversation at a time, answers streamed, everything kept in the browser.

import { apiKey, getJson, stream } from './api.js';
import { el, number, seconds } from './dom.js';
import { markdown } from './markdown.js';
import { conversations, defaults, parameters } from './store.js';
import { tokens } from './tokens.js';

const TitleLength = 48;

/** Shows the chat in `view`; gives a function that ends what it has begun. */
export function show(view) {
  let conversation = conversations.all()[0] ?? fresh();
  let running = null;
  let settings = parameters.get();

  const log = el('div', { class: 'log', role: 'log', 'aria-label': 'Conversation', tabindex: 0 });
  const input = el('textarea', {
    rows: 1, placeholder: 'Ask something…', 'aria-label': 'Message', autofocus: true,
    on: { input: grow, keydown: onKey },
  });
  const send = el('button', { type: 'submit', class: 'primary', text: 'Send', title: 'Enter' });
  const stop = el('button', { type: 'button', text: 'Stop', title: 'Esc', hidden: true, on: { click: () => running?.abort() } });
  const model = el('select', { 'aria-label': 'Model', on: { change: () => change({ model: model.value }) } });
  const history = el('ul', { class: 'history' });
  const panel = el('aside', { class: 'panel', 'aria-label': 'Conversations and parameters' },
    el('button', { type: 'button', class: 'wide', text: 'New chat', on: { click: () => open(fresh()) } }),
    history, el('h2', { text: 'Parameters' }), form());
  const toggle = el('button', {
    type: 'button', class: 'panel-toggle', text: '☰', 'aria-label': 'Conversations and parameters', 'aria-expanded': 'false',
    on: { click: () => toggle.setAttribute('aria-expanded', String(panel.classList.toggle('open'))) },
  });
  view.replaceChildren(el('div', { class: 'chat' }, panel,
    el('section', { class: 'talk' },
      el('header', {}, toggle, model),
      log,
      el('form', { class: 'composer', on: { submit: event => { event.preventDefault(); submit(); } } }, input, stop, send))));
  document.addEventListener('keydown', onGlobalKey);
  loadModels();
  draw();
  input.focus();
  return () => {
    running?.abort();
    document.removeEventListener('keydown', onGlobalKey);
  };

  function fresh() {
    return { id: crypto.randomUUID?.() ?? String(Math.random()).slice(2), title: '', messages: [] };
  }

  function open(next) {
    running?.abort();
    conversation = next;
    panel.classList.remove('open');
    draw();
    input.focus();
  }

  function change(values) {
    settings = { ...settings, ...values };
    parameters.set(settings);
  }

  async function loadModels() {
    try {
      const { data } = await getJson('v1/models');
      model.replaceChildren(...data.map(m => el('option', { value: m.id, text: m.id })));
      model.value = data.some(m => m.id === settings.model) ? settings.model : data[0]?.id ?? '';
      change({ model: model.value });
    } catch (error) {
      model.replaceChildren(el('option', { text: apiKey.get() ? 'no models' : `no models: ${error.message}` }));
    }
  }

  function form() {
    const field = (name, label, attributes) => {
      const value = settings[name];
      const node = attributes.type === 'checkbox'
        ? el('input', { ...attributes, checked: value, on: { change: () => { change({ [name]: node.checked }); draw(); } } })
        : el(attributes.rows ? 'textarea' : 'input', {
          ...attributes, value: attributes.rows ? null : value, text: attributes.rows ? value : null, placeholder: String(defaults[name]),
          on: { input: () => change({ [name]: attributes.type === 'number' && node.value !== '' ? Number(node.value) : node.value }) },
        });
      return el('label', { class: attributes.type === 'checkbox' ? 'check' : null }, el('span', { text: label }), node);
    };
    return el('div', { class: 'parameters' },
      field('system', 'System prompt', { rows: 3 }),
      field('temperature', 'Temperature', { type: 'number', min: 0, max: 2, step: 0.1 }),
      field('top_p', 'Top p', { type: 'number', min: 0, max: 1, step: 0.05 }),
      field('max_tokens', 'Most tokens', { type: 'number', min: 1, step: 1 }),
      field('seed', 'Seed', { type: 'number', step: 1 }),
      field('probabilities', 'Token probabilities', { type: 'checkbox' }));
  }

  function grow() {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 240)}px`;
  }

  function onKey(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  }

  function onGlobalKey(event) {
    if (event.key === 'Escape') running?.abort();
    else if (event.key === '/' && !/^(input|textarea|select)$/i.test(document.activeElement?.tagName)) {
      event.preventDefault();
      input.focus();
    }
  }

  function submit() {
    const text = input.value.trim();
    if (!text || running) return;
    input.value = '';
    grow();
    conversation.title ||= text.slice(0, TitleLength);
    conversation.messages.push({ role: 'user', content: text });
    answer();
  }

  /** Asks anew for the answer at `index`; what came after it is dropped. */
  function regenerate(index) {
    if (running) return;
    conversation.messages.length = index;
    answer();
  }

  async function answer() {
    const message = { role: 'assistant', content: '', reasoning: '', tokens: [], begun: performance.now() };
    conversation.messages.push(message);
    const mine = conversation;
    const own = running = new AbortController();
    setRunning(true);
    draw();
    const { messages } = conversation;
    let node = log.lastElementChild;
    let painted = 0;
    // At most once a frame, however fast the tokens come; a reader who has scrolled up is left in peace.
    const paint = () => {
      painted = 0;
      const stick = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
      const next = drawMessage(message, messages.length - 1);
      node.replaceWith(next);
      node = next;
      if (stick) log.scrollTop = log.scrollHeight;
    };
    try {
      for await (const chunk of stream('v1/chat/completions', body(), own.signal)) {
        take(message, chunk);
        painted ||= requestAnimationFrame(paint);
      }
    } catch (error) {
      message.error = error.name === 'AbortError' ? 'Stopped.' : error.message;
    } finally {
      cancelAnimationFrame(painted);
      message.seconds = (performance.now() - message.begun) / 1000;
      delete message.begun;
      conversations.save(mine);
      if (running === own) {
        running = null;
        setRunning(false);
      }
      draw();
    }
  }

  function body() {
    const messages = conversation.messages.slice(0, -1).filter(m => m.content).map(({ role, content }) => ({ role, content }));
    if (settings.system) messages.unshift({ role: 'system', content: settings.system });
    const request = { model: model.value, messages, stream_options: { include_usage: true } };
    for (const name of ['temperature', 'top_p', 'max_tokens', 'seed']) {
      if (settings[name] !== '' && settings[name] !== null) request[name] = settings[name];
    }
    return settings.probabilities ? { ...request, logprobs: true, top_logprobs: 5 } : request;
  }

  function take(message, chunk) {
    message.id = chunk.id;
    if (chunk.usage) message.usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    const piece = choice.delta?.content ?? '';
    message.content += piece;
    message.reasoning += choice.delta?.reasoning_content ?? '';
    if (piece && message.ttft === undefined) message.ttft = (performance.now() - message.begun) / 1000;
    if (choice.logprobs?.content) message.tokens.push(...choice.logprobs.content);
    if (choice.finish_reason) message.finish = choice.finish_reason;
  }

  function setRunning(on) {
    stop.hidden = !on;
    send.disabled = on;
    log.setAttribute('aria-busy', String(on));
  }

  function draw() {
    log.replaceChildren(...conversation.messages.map(drawMessage));
    if (!conversation.messages.length) {
      log.append(el('div', { class: 'empty' }, el('h1', { text: 'What would you like to know?' }),
        el('p', { text: 'Enter sends, Shift+Enter makes a new line, Esc stops, / comes back here.' })));
    }
    log.scrollTop = log.scrollHeight;
    history.replaceChildren(...conversations.all().map(c => el('li', { class: c.id === conversation.id ? 'current' : null },
      el('button', { type: 'button', text: c.title || 'Untitled', on: { click: () => open(c) } }),
      el('button', { type: 'button', class: 'remove', text: '×', 'aria-label': `Delete ${c.title}`, on: { click: () => remove(c) } }))));
  }

  function remove(c) {
    conversations.remove(c.id);
    if (c.id === conversation.id) open(conversations.all()[0] ?? fresh());
    else draw();
  }

  function drawMessage(message, index) {
    const node = el('article', { class: `message ${message.role}` }, el('h2', { text: message.role === 'user' ? 'You' : model.value }));
    if (message.role === 'user') {
      node.append(el('div', { class: 'text plain', text: message.content }));
      return node;
    }
    if (message.reasoning) {
      node.append(el('details', { class: 'reasoning', open: !message.content }, el('summary', { text: 'Reasoning' }), markdown(message.reasoning)));
    }
    const live = message.begun !== undefined;
    node.append(settings.probabilities && message.tokens?.length
      ? tokens(message.tokens)
      : el('div', { class: live ? 'text live' : 'text' }, markdown(message.content)));
    if (message.error) node.append(el('p', { class: 'error', role: 'alert', text: message.error }));
    if (!live) {
      node.append(el('footer', {}, el('span', { text: facts(message) }),
        el('button', { type: 'button', text: 'Copy', on: { click: () => navigator.clipboard.writeText(message.content) } }),
        el('button', { type: 'button', text: 'Regenerate', on: { click: () => regenerate(index) } }),
        message.id ? el('a', { href: `#/requests/${encodeURIComponent(message.id)}`, text: 'Timeline' }) : null));
    }
    return node;
  }
}

function facts({ usage, ttft, seconds: total, finish }) {
  const parts = [];
  if (ttft !== undefined) parts.push(`first token ${seconds(ttft)}`);
  if (usage && total > ttft) parts.push(`${number.format(usage.completion_tokens / (total - ttft))} tokens/s`);
  if (usage) parts.push(`${usage.prompt_tokens} + ${usage.completion_tokens} tokens`);
  if (usage?.prompt_tokens_details?.cached_tokens) parts.push(`${usage.prompt_tokens_details.cached_tokens} cached`);
  if (finish && finish !== 'stop') parts.push(`ended by ${finish}`);
  return parts.join(' · ');
}
