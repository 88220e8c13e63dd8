// A line chart over time that draws itself anew with each reading. Values are read under the pointer, or with the arrow keys.

import { el, svg } from './dom.js';

const Width = 480;
const Height = 180;
const Margin = { left: 52, right: 8, top: 8, bottom: 22 };
const Ticks = 4;

/**
 * A chart of `lines` ([{name, of: reading => number}]) with values printed by `format`. `draw(readings)` shows
 * readings ([{at: milliseconds, ...}], oldest first).
 */
export function chart(title, lines, format) {
  const plot = svg('svg', { viewBox: `0 0 ${Width} ${Height}`, role: 'img', 'aria-label': title, tabindex: 0 });
  const value = el('output', { class: 'value' });
  const legend = el('ul', { class: 'legend' }, lines.length > 1
    ? lines.map((line, n) => el('li', { class: `line${n}`, text: line.name }))
    : []);
  let readings = [];
  let at = -1;
  plot.addEventListener('pointermove', event => {
    const { left, width } = plot.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * Width;
    at = Math.round(((x - Margin.left) / (Width - Margin.left - Margin.right)) * (readings.length - 1));
    render();
  });
  plot.addEventListener('pointerleave', () => { at = -1; render(); });
  plot.addEventListener('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    at = Math.max(0, Math.min(readings.length - 1, (at < 0 ? readings.length - 1 : at) + step));
    render();
  });
  return {
    node: el('figure', { class: 'chart' }, el('figcaption', {}, el('span', { text: title }), value), plot, legend),
    draw(next) {
      readings = next;
      render();
    },
  };

  function render() {
    const shown = readings[at] ?? readings.at(-1);
    value.textContent = shown ? lines.map(l => format(l.of(shown))).join(' / ') : '–';
    const values = readings.flatMap(r => lines.map(l => l.of(r))).filter(Number.isFinite);
    const top = nice(Math.max(...values, 0));
    const begin = readings[0]?.at ?? 0;
    const span = Math.max(1, (readings.at(-1)?.at ?? 0) - begin);
    const x = t => Margin.left + ((t - begin) / span) * (Width - Margin.left - Margin.right);
    const y = v => Height - Margin.bottom - (v / top) * (Height - Margin.top - Margin.bottom);
    plot.replaceChildren(
      ...Array.from({ length: Ticks + 1 }, (_, n) => (top * n) / Ticks).flatMap(v => [
        svg('line', { class: 'grid', x1: Margin.left, x2: Width - Margin.right, y1: y(v), y2: y(v) }),
        svg('text', { class: 'tick', x: Margin.left - 6, y: y(v) + 4, 'text-anchor': 'end', text: format(v) }),
      ]),
      svg('text', { class: 'tick', x: Margin.left, y: Height - 6, text: readings.length ? `${Math.round(span / 1000)} s ago` : '' }),
      svg('text', { class: 'tick', x: Width - Margin.right, y: Height - 6, 'text-anchor': 'end', text: 'now' }),
      ...lines.map((l, n) => svg('path', { class: `line line${n}`, d: path(readings, l, x, y) })),
      ...(at >= 0 && shown ? [svg('line', { class: 'cursor', x1: x(shown.at), x2: x(shown.at), y1: Margin.top, y2: Height - Margin.bottom })] : []));
  }
}

// What was not measured is a gap.
function path(readings, line, x, y) {
  let pen = 'M';
  return readings.map(r => {
    const value = line.of(r);
    if (!Number.isFinite(value)) {
      pen = 'M';
      return '';
    }
    const point = `${pen}${x(r.at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
    return point;
  }).join('');
}

// The next of 1, 2, 5 times a power of ten.
function nice(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(n => n * power).find(n => n >= value);
}
