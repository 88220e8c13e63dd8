// Shows /openapi.json: routes by group, their fields with ranges, their errors, and a box to try them.
import { el } from '/console/dom.js';
import { apiKey } from '/console/api.js';

const root = document.getElementById('operations');
const filter = document.getElementById('filter');
let api;

const resolve = schema => (schema?.$ref ? { name: schema.$ref.split('/').pop(), ...api.components.schemas[schema.$ref.split('/').pop()] } : schema ?? {});

/** A schema's type and limits in a few words. */
function typeOf(schema) {
  const at = resolve(schema);
  if ('const' in at) return JSON.stringify(at.const);
  if (at.enum) return at.enum.map(v => JSON.stringify(v)).join(' | ');
  if (at.anyOf) return at.anyOf.map(typeOf).join(' or ');
  const type = Array.isArray(at.type) ? at.type.join(' or ') : at.type ?? 'any';
  const limits = [];
  if ('exclusiveMinimum' in at) limits.push(`above ${at.exclusiveMinimum}`);
  if ('minimum' in at) limits.push(`from ${at.minimum}`);
  if ('maximum' in at) limits.push(`to ${at.maximum}`);
  if ('minLength' in at) limits.push(`at least ${at.minLength} characters`);
  if ('maxLength' in at) limits.push(`at most ${at.maxLength} characters`);
  if ('maxItems' in at) limits.push(`at most ${at.maxItems}`);
  if ('maxProperties' in at) limits.push(`at most ${at.maxProperties} names`);
  const whole = at.items ? `${type} of ${typeOf(at.items)}` : at.name ?? type;
  return limits.length ? `${whole} (${limits.join(', ')})` : whole;
}

/** The fields inside a schema, whatever it is wrapped in. */
function inner(schema, depth = 0) {
  const at = resolve(schema);
  if (depth > 6) return [];
  if (at.properties) return [fields(at, depth)];
  if (at.items) return inner(at.items, depth + 1);
  return (at.anyOf ?? []).flatMap(variant => inner(variant, depth + 1));
}

function fields(schema, depth) {
  const required = new Set(schema.required ?? []);
  return el('ul', { class: 'fields' }, ...Object.entries(schema.properties).map(([name, property]) => {
    const at = resolve(property);
    const deeper = inner(property, depth + 1);
    const head = [
      el('code', { text: name }), ' ',
      required.has(name) ? el('span', { class: 'required', text: 'required ' }) : null,
      el('span', { class: 'type', text: typeOf(property) }),
      'default' in at ? el('span', { class: 'type', text: ` · default ${JSON.stringify(at.default)}` }) : null,
      at.description ? el('span', { text: ` — ${at.description}` }) : null,
    ];
    return deeper.length
      ? el('li', {}, el('details', {}, el('summary', {}, ...head), ...deeper))
      : el('li', {}, ...head);
  }), schema['x-refused'] ? el('li', { class: 'soft', text: `Known and refused: ${schema['x-refused'].join(', ')}` }) : null);
}

function tryIt(path, method, operation) {
  const example = operation.requestBody?.content?.['application/json']?.example;
  const where = el('input', { value: path, 'aria-label': 'Path', size: 40 });
  const body = example ? el('textarea', { 'aria-label': 'Body', text: JSON.stringify(example, null, 2) }) : null;
  const answer = el('pre', { hidden: true, tabindex: 0 });
  const send = el('button', { text: 'Send', on: { click: async () => {
    answer.hidden = false;
    answer.textContent = '…';
    const headers = body ? { 'content-type': 'application/json' } : {};
    if (apiKey.get()) headers.authorization = `Bearer ${apiKey.get()}`;
    try {
      const response = await fetch(where.value, { method: method.toUpperCase(), headers, body: body?.value });
      const text = (await response.text()).slice(0, 100000);
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* events, metrics or a page */ }
      answer.textContent = `${response.status} ${response.statusText}\n${shown}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  } } });
  return [el('h3', { text: 'Try it' }), el('p', {}, where, ' ', send), body, answer];
}

function operationOf(path, method, operation) {
  const content = Object.entries(operation.requestBody?.content ?? {});
  const parts = el('div');
  const box = el('details', { class: 'operation', id: operation.operationId },
    el('summary', {},
      el('span', { class: `method ${method}`, text: method.toUpperCase() }), el('code', { text: path }),
      el('span', { class: 'soft', text: operation.summary })), parts);
  // Filled when it is opened: there are many fields.
  box.addEventListener('toggle', () => {
    if (!box.open || parts.childElementCount) return;
    if (operation.parameters) {
      parts.append(el('h3', { text: 'Parameters' }), el('ul', { class: 'fields' }, ...operation.parameters.map(p =>
        el('li', {}, el('code', { text: p.name }), ' ', el('span', { class: 'type', text: `${p.in}, ${typeOf(p.schema)}` }),
          p.schema.description ? ` — ${p.schema.description}` : null))));
    }
    for (const [media, { schema }] of content) parts.append(el('h3', { text: `Body: ${media}` }), ...inner(schema));
    parts.append(el('h3', { text: 'Answers' }), el('table', {}, el('tbody', {}, ...Object.entries(operation.responses).map(([status, response]) =>
      el('tr', {}, el('td', {}, el('code', { text: status })), el('td', { text: response.description }),
        el('td', { class: 'type', text: Object.keys(response.content ?? {}).join(', ') }))))));
    const answer = operation.responses['200']?.content?.['application/json']?.schema;
    if (answer && inner(answer).length) parts.append(el('details', {}, el('summary', { text: 'Fields of the answer' }), ...inner(answer)));
    parts.append(...tryIt(path, method, operation).filter(Boolean));
  });
  return box;
}

function show() {
  const wanted = filter.value.trim().toLowerCase();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!`${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase().includes(wanted)) continue;
      const tag = operation.tags[0];
      groups.set(tag, [...(groups.get(tag) ?? []), operationOf(path, method, operation)]);
    }
  }
  root.replaceChildren(...[...groups].flatMap(([tag, boxes]) => [el('h2', { text: tag }), ...boxes]));
  if (!groups.size) root.append(el('p', { class: 'soft', text: 'Nothing of that name.' }));
}

try {
  const response = await fetch('/openapi.json');
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  api = await response.json();
  document.getElementById('about').textContent = `${api.info.title} ${api.info.version}. ${api.info.description}`;
  filter.addEventListener('input', show);
  show();
  const linked = location.hash && document.getElementById(location.hash.slice(1));
  if (linked) { linked.open = true; linked.scrollIntoView(); }
} catch (error) {
  root.replaceChildren(el('p', { text: `The document could not be loaded: ${error}` }));
}
