// Markdown to nodes: what models write (CommonMark's common part, tables, fenced code). Nodes are built, never parsed from HTML,
// and only http, https and mailto links are made, so that an answer cannot run anything in this page.

import { el } from './dom.js';

const Fence = /^\s{0,3}(```+|~~~+)\s*([^`]*)$/;
const Heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/;
const Rule = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const Item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const Quote = /^\s{0,3}>\s?(.*)$/;
const TableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?\s*$/;
const MaxDepth = 16;

/** A fragment with the rendered text. */
export function markdown(text) {
  return blocks(text.replaceAll('\r\n', '\n').split('\n'), 0);
}

function blocks(lines, depth) {
  const out = document.createDocumentFragment();
  if (depth > MaxDepth) {
    out.append(el('p', { text: lines.join('\n') }));
    return out;
  }
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    let match;
    if (!line.trim()) i++;
    else if ((match = Fence.exec(line))) i = code(lines, i, match, out);
    else if ((match = Heading.exec(line))) { out.append(el(`h${match[1].length}`, {}, inline(match[2]))); i++; }
    else if (Rule.test(line)) { out.append(el('hr')); i++; }
    else if (Quote.test(line)) i = quote(lines, i, out, depth);
    else if (Item.test(line)) i = list(lines, i, out, depth);
    else if (line.includes('|') && TableRule.test(lines[i + 1] ?? '')) i = table(lines, i, out);
    else i = paragraph(lines, i, out);
  }
  return out;
}

function code(lines, i, [, fence, language], out) {
  const body = [];
  for (i++; i < lines.length && !lines[i].trimStart().startsWith(fence); i++) body.push(lines[i]);
  const text = body.join('\n');
  const copy = el('button', { type: 'button', class: 'copy', text: 'Copy', 'aria-label': 'Copy this code' });
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = 'Copied';
    setTimeout(() => { copy.textContent = 'Copy'; }, 1500);
  });
  out.append(el('div', { class: 'code' },
    el('div', { class: 'code-head' }, el('span', { text: language.trim() || 'text' }), copy),
    el('pre', { tabindex: 0 }, el('code', { text }))));
  return i + 1;
}

function quote(lines, i, out, depth) {
  const body = [];
  for (let match; i < lines.length && (match = Quote.exec(lines[i])); i++) body.push(match[1]);
  out.append(el('blockquote', {}, blocks(body, depth + 1)));
  return i;
}

function list(lines, i, out, depth) {
  const first = Item.exec(lines[i]);
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const node = el(ordered ? 'ol' : 'ul', { start: ordered ? parseInt(first[2], 10) : null });
  while (i < lines.length) {
    const match = Item.exec(lines[i]);
    if (!match || match[1].length !== indent || /\d/.test(match[2]) !== ordered) break;
    const body = [match[3]];
    const inner = indent + match[2].length + 1;
    for (i++; i < lines.length; i++) {
      const next = lines[i];
      if (next.trim() && next.search(/\S/) < inner && (next.search(/\S/) <= indent || Item.test(next))) break;
      if (!next.trim() && !((lines[i + 1] ?? '').search(/\S/) > indent)) { i++; break; }
      body.push(next.slice(Math.min(inner, Math.max(0, next.search(/\S/)))));
    }
    const single = body.length === 1;
    node.append(el('li', {}, single ? inline(body[0]) : blocks(body, depth + 1)));
  }
  out.append(node);
  return i;
}

function table(lines, i, out) {
  const cells = row => row.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map(c => c.trim().replaceAll('\\|', '|'));
  const head = cells(lines[i]);
  const align = cells(lines[i + 1]).map(c => (c.endsWith(':') ? (c.startsWith(':') ? 'center' : 'right') : null));
  const row = (tag, values) => el('tr', {}, head.map((_, n) => el(tag, { class: align[n] }, inline(values[n] ?? ''))));
  const body = el('tbody');
  for (i += 2; i < lines.length && lines[i].includes('|') && lines[i].trim(); i++) body.append(row('td', cells(lines[i])));
  out.append(el('div', { class: 'table', tabindex: 0 }, el('table', {}, el('thead', {}, row('th', head)), body)));
  return i;
}

function paragraph(lines, i, out) {
  const body = [];
  for (; i < lines.length && lines[i].trim(); i++) {
    if (body.length && (Fence.test(lines[i]) || Heading.test(lines[i]) || Item.test(lines[i]) || Quote.test(lines[i]))) break;
    body.push(lines[i].trim());
  }
  out.append(el('p', {}, inline(body.join('\n'))));
  return i;
}

const Inline = [
  [/^\\([!-/:-@[-`{-~])/, m => m[1]],
  [/^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, m => el('code', { text: m[2].trim() || m[2] })],
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, (m, d) => el('strong', {}, inline(m[1], d))],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, (m, d) => el('strong', {}, inline(m[1], d))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (m, d) => el('del', {}, inline(m[1], d))],
  [/^\*(?=\S)([\s\S]*?\S)\*(?!\*)/, (m, d) => el('em', {}, inline(m[1], d))],
  [/^_(?=\S)([\s\S]*?\S)_(?!\w)/, (m, d) => el('em', {}, inline(m[1], d))],
  [/^!?\[([^\]]*)\]\(([^()\s]+)(?:\s+"[^"]*")?\)/, (m, d) => link(m[2], inline(m[1], d)) ?? m[0]],
  [/^<((?:https?:\/\/|mailto:)[^>\s]+)>/, m => link(m[1], m[1])],
  [/^https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/, m => link(m[0], m[0])],
  [/^ {2,}\n|^\n/, () => el('br')],
];
const Special = /[\\`*_~![<\n]|https?:\/\//;

function inline(text, depth = 0) {
  const out = document.createDocumentFragment();
  if (depth > MaxDepth) {
    out.append(text);
    return out;
  }
  let plain = '';
  for (let i = 0; i < text.length;) {
    const rest = text.slice(i);
    const at = rest.search(Special);
    if (at !== 0) {
      const n = at < 0 ? rest.length : at;
      plain += rest.slice(0, n);
      i += n;
      continue;
    }
    // Inside a word an underscore is a letter.
    const inWord = rest[0] === '_' && /\w$/.test(plain);
    let made = null;
    for (const [pattern, make] of inWord ? [] : Inline) {
      const match = pattern.exec(rest);
      if (match) {
        made = make(match, depth + 1);
        i += match[0].length;
        break;
      }
    }
    if (made === null) {
      plain += rest[0];
      i++;
    } else if (typeof made === 'string') {
      plain += made;
    } else {
      out.append(plain, made);
      plain = '';
    }
  }
  out.append(plain);
  return out;
}

function link(target, content) {
  return /^(https?:\/\/|mailto:)/i.test(target)
    ? el('a', { href: target, target: '_blank', rel: 'noopener noreferrer nofollow' }, content)
    : null;
}
