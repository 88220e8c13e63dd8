// Reads Prometheus' text format and keeps a short history of it, so that rates and quantiles can be drawn.

const Line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const Label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Map of metric name to its samples: {labels, value}. */
export function parse(text) {
  const metrics = new Map();
  for (const line of text.split('\n')) {
    if (!line || line[0] === '#') continue;
    const match = Line.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, name, value] of (match[2] ?? '').matchAll(Label)) labels[name] = value;
    const samples = metrics.get(match[1]) ?? [];
    samples.push({ labels, value: Number(match[3]) });
    metrics.set(match[1], samples);
  }
  return metrics;
}

/** Sum of a metric's samples; 0 when there are none. */
export function total(metrics, name) {
  return (metrics.get(name) ?? []).reduce((sum, s) => sum + s.value, 0);
}

/** Cumulative buckets of a histogram over all its series: [bound, count], by bound. */
export function buckets(metrics, name) {
  const counts = new Map();
  for (const { labels, value } of metrics.get(`${name}_bucket`) ?? []) {
    const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
}

/** Quantile of what was observed between two readings, interpolated in its bucket; NaN when nothing was. */
export function quantile(q, now, before) {
  const past = new Map(before);
  const grown = now.map(([bound, count]) => [bound, count - (past.get(bound) ?? 0)]);
  const all = grown.at(-1)?.[1] ?? 0;
  if (!(all > 0)) return NaN;
  let [low, below] = [0, 0];
  for (const [bound, count] of grown) {
    if (count >= q * all) {
      if (bound === Infinity) return low;
      return count === below ? bound : low + (bound - low) * ((q * all - below) / (count - below));
    }
    [low, below] = [bound, count];
  }
  return low;
}
