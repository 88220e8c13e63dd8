// Small helpers for building pages from nodes. Text is always set as text: nothing here parses HTML.

/**
 * Makes an element. `props`: `class`, `text`, `on` ({event: handler}), `data` ({name: value}); everything else is an attribute,
 * left out when null, undefined or false.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  return fill(node, props, children);
}

/** The same in SVG. */
export function svg(tag, props = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  return fill(node, props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') node.setAttribute('class', value);
    else if (name === 'text') node.textContent = value;
    else if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === 'data') Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

export const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** Seconds as people read them. */
export function seconds(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0 s';
  if (value < 1e-3) return `${number.format(value * 1e6)} µs`;
  if (value < 1) return `${number.format(value * 1e3)} ms`;
  return `${number.format(value)} s`;
}

/** Bytes as people read them. */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return `${number.format(value)} ${units[unit]}`;
}
