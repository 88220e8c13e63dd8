// Makes components.json: small tokenizers of every component of tokenizer.json, with what Hugging Face tokenizers (the Rust library, by
// its Node binding) makes of some texts.
//
//     npm install @anush008/tokenizers@0.6.0 && node make_components.cjs components.json [MORE_TEXTS.json]
//
// Normalizers show in the bytes of a byte-level model without merges; pre-tokenizers in a character model that marks the last character of
// each piece. A case is {name, tokenizer, lines}, a line [index of the text, ids, decoded text (0: the text itself), ids with special tokens (only
// with a post-processor)]; texts that the library refuses are left out. The two large
// vocabularies stand apart, under the names that models refer to.
const { Tokenizer } = require("@anush008/tokenizers");
const fs = require("fs");

const texts = [
  "", " ", "  a  b ", "Hello, world!", "don't can't I'LL we'Ve IT'S", "1", "12345 6789", "v1.2.3-rc.4", "a1b22c333", "Hello\nworld\n", "\r\n x \n\n  y\t\tz ",
  "camelCase snake_case SCREAMING", "!!!???... a!b", "Grüße aus Köln", "İstanbul ılık ﬁ ﬂ Ａｂｃ ①② ½", "é vs e\u0301 \u0301a", "Привет, Мир", "你好，世界 abc", "カタカナとひらがなと漢字",
  "안녕 \u1112\u1161\u11ab", "नमस्ते", "สวัสดี", "😀 👍🏽 👨‍👩‍👧", "𝒜𝓁𝓅 𝟙𝟚 𐍈 Ⓐⓐ ⅷ", "\u00a0nb\u200bzw\u2028ls\u0085nel\u3000", "▁under▁ _x_", "a\u0000b\u0007c", "<s> [MASK] xMASKx <tok> a <tok>b",
  "the theta them", "İ ẞ ß ǅ ſ K Ω", "hello hello</w> ##lo", "don 't do n't ? ! , x ' y", "\ufffd\ufeff", "aaaa aaaaaaa", "…、।۔،", "a-b—c‐d", "m\u0301\u0323\u0327 ñ",
];
const more = process.argv[3] ? JSON.parse(fs.readFileSync(process.argv[3], "utf8")) : [];
const all = texts.concat(more);

const bytes = () => {
  const vocab = {}; let next = 256;
  for (let b = 0; b < 256; b++) {
    const visible = (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
    vocab[String.fromCodePoint(visible ? b : next++)] = b;
  }
  return vocab;
};
const bytePre = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
const byteDecoder = { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true };
const base = { version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
const bpe = (vocab, merges = [], more = {}) => ({ type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, vocab, merges, ...more });
const byteModel = (more) => ({ ...base, pre_tokenizer: bytePre, decoder: byteDecoder, model: bpe(bytes()), ...more });

const chars = {}; // every character of the texts, as it is and at the end of a piece
chars["<unk>"] = 0;
for (const c of new Set([...all.join(""), "▁"])) { chars[c] = Object.keys(chars).length; chars[c + "</w>"] = Object.keys(chars).length; }
const marking = (pre, more = {}) => ({ ...base, pre_tokenizer: pre, decoder: { type: "BPEDecoder", suffix: "</w>" },
  model: bpe(chars, [], { unk_token: "<unk>", end_of_word_suffix: "</w>" }), ...more });
const split = (pattern, behavior, invert = false) => ({ type: "Split", pattern, behavior, invert });

// A Darts double array for SentencePiece's charsmap: unit = label | leaf << 8 | offset << 10.
const charsmap = (rules) => {
  const enc = new TextEncoder(); const root = { next: new Map() }; const blob = []; 
  for (const [from, to] of rules) {
    let node = root; for (const b of enc.encode(from)) { if (!node.next.has(b)) node.next.set(b, { next: new Map() }); node = node.next.get(b); }
    node.value = blob.length; blob.push(...enc.encode(to), 0);
  }
  const units = new Array(4096).fill(0); const used = new Set([0]); const offset = {}; 
  const place = (node, at) => {
    const slots = [...node.next.keys()]; if (node.value !== undefined) slots.push(0);
    let b = 256; while (slots.some((s) => used.has(b ^ s))) b++;
    slots.forEach((s) => used.add(b ^ s));
    units[at] |= (at ^ b) << 10; if (node.value !== undefined) { units[at] |= 256; units[b] = (node.value | 0x80000000) >>> 0; }
    for (const [label, child] of node.next) { units[b ^ label] |= label; place(child, b ^ label); }
  };
  place(root, 0);
  const out = Buffer.alloc(4 + units.length * 4 + blob.length); out.writeUInt32LE(units.length * 4, 0);
  units.forEach((u, i) => out.writeUInt32LE(u >>> 0, 4 + i * 4)); Buffer.from(blob).copy(out, 4 + units.length * 4);
  return out.toString("base64");
};
const rules = [["ﬁ", "fi"], ["Ａ", "A"], ["½", "1/2"], ["\u00a0", " "], ["\u200b", ""], ["e\u0301", "é"], ["你", "YOU"], ["\u0007", " "], ["①", "1"], ["😀", ":D"]];

const pieces = [["<unk>", 0], ["▁", -2], ["▁the", -3], ["m", -4], ["em", -4.5], ["th", -5], ["e", -5], ["t", -5.5], ["h", -6], ["a", -5], ["▁a", -4], ["l", -5], ["lo", -5.25],
  ["▁hel", -6], ["hello", -7], ["▁hello", -6.5], ["o", -6], [",", -4], ["aa", -5], ["aaa", -6], ["你好", -7], ["😀", -8]];
const unigram = (more) => ({ type: "Unigram", unk_id: 0, vocab: pieces, byte_fallback: false, ...more });
const bytePieces = pieces.concat([...Array(256).keys()].map((b) => [`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`, -9]));
const metaspace = (prepend_scheme, more = {}) => ({ type: "Metaspace", replacement: "▁", prepend_scheme, ...more });
const words = {}; for (const w of ["[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "the", "##ta", "##m", "##lo", "##llo", "he", ",", "!", "?", "'", "n", "t", "don", "do", "##n", "a", "##a", "你", "好", "gru", "##ße", "1", "##2", "##3", "12", "don't", "x"]) words[w] = Object.keys(words).length;
const wordpiece = { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 20, vocab: words };
const added = (id, content, more = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...more });
const bert = (clean_text, handle_chinese_chars, strip_accents, lowercase) => ({ type: "BertNormalizer", clean_text, handle_chinese_chars, strip_accents, lowercase });
const template = { type: "TemplateProcessing", single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
  pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
  special_tokens: { "<s>": { id: "<s>", ids: [256], tokens: ["<s>"] }, "</s>": { id: "</s>", ids: [257, 258], tokens: ["</s>", "</s>"] } } };
const special = [added(256, "<s>", { special: true }), added(257, "</s>", { special: true }), added(258, "</t>", { special: true })];

const cases = {};
for (const t of ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"]) cases[`normalizer ${t}`] = byteModel({ normalizer: { type: t } });
for (const [l, r] of [[true, true], [true, false], [false, true]]) cases[`normalizer Strip ${l} ${r}`] = byteModel({ normalizer: { type: "Strip", strip_left: l, strip_right: r } });
cases["normalizer Sequence NFD StripAccents Lowercase"] = byteModel({ normalizer: { type: "Sequence", normalizers: [{ type: "NFD" }, { type: "StripAccents" }, { type: "Lowercase" }] } });
cases["normalizer Replace string"] = byteModel({ normalizer: { type: "Replace", pattern: { String: "a" }, content: "<$0>" } });
cases["normalizer Replace regex"] = byteModel({ normalizer: { type: "Replace", pattern: { Regex: "[a-c]+|\\d{2}" }, content: "$1" } });
cases["normalizer Replace spaces"] = byteModel({ normalizer: { type: "Replace", pattern: { Regex: " {2,}" }, content: "▁" } });
cases["normalizer Prepend"] = byteModel({ normalizer: { type: "Prepend", prepend: "▁" } });
cases["normalizer Precompiled"] = byteModel({ normalizer: { type: "Precompiled", precompiled_charsmap: charsmap(rules) } });
for (const f of [[true, true, null, true], [true, false, true, false], [false, true, false, true], [false, false, null, false]]) cases[`normalizer Bert ${f}`] = byteModel({ normalizer: bert(...f) });

const matches = { string: { String: "a" }, regex: { Regex: "[a-e]+|\\s" }, "empty regex": { Regex: "x*" } };
for (const [n, p] of Object.entries(matches)) for (const b of ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]) for (const i of [false, true])
  cases[`split ${n} ${b} ${i}`] = marking(split(p, b, i));
const regexes = {
  gpt2: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  llama3: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  o200k: "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  kimi: "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s+(?!\\S)|\\s+",
  possessive: "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
  "digits in threes": "(?=(\\d{3})+(?!\\d))", "words and classes": "\\w+|[[:punct:]]+|\\h", "negated": "\\P{L}+|\\p{^Lu}", "case": "(?i)straße|[k-s]+", "lazy": "a+?|<.*?>|(?:ab|a)*?c",
  "look behind": "(?<=[a-z])[A-Z]|(?<!\\s)\\d", "anchors": "^\\w|\\w$|\\bo|\\Bl", "atomic": "(?>a+)b|(?>a|aa)a", "quantified quantifier": "\\p{N}{2}+|a{,2}b|l{2,}", "escapes": "[\\x41-\\x43\\u00e9\\-\\]]|\\x{1F600}|\\t",
};
for (const [n, r] of Object.entries(regexes)) cases[`pattern ${n}`] = marking(split({ Regex: r }, "Isolated"));
for (const t of ["Whitespace", "WhitespaceSplit", "BertPreTokenizer"]) cases[`pre-tokenizer ${t}`] = marking({ type: t });
for (const b of ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]) cases[`pre-tokenizer Punctuation ${b}`] = marking({ type: "Punctuation", behavior: b });
for (const d of [true, false]) cases[`pre-tokenizer Digits ${d}`] = marking({ type: "Digits", individual_digits: d });
cases["pre-tokenizer CharDelimiterSplit"] = marking({ type: "CharDelimiterSplit", delimiter: "o" });
for (const s of ["always", "first", "never"]) for (const p of [true, false]) cases[`pre-tokenizer Metaspace ${s} ${p}`] = marking(metaspace(s, { split: p }), { added_tokens: [added(Object.keys(chars).length, "<tok>")], decoder: metaspace(s, { split: p }) });
cases["pre-tokenizer Sequence"] = marking({ type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Digits", individual_digits: true }, metaspace("first"), { type: "Punctuation", behavior: "MergedWithPrevious" }] });
for (const [a, r] of [[true, true], [true, false], [false, true]]) cases[`pre-tokenizer ByteLevel ${a} ${r}`] = byteModel({ pre_tokenizer: { type: "ByteLevel", add_prefix_space: a, trim_offsets: true, use_regex: r }, model: bpe({ ...bytes(), "Ġa": 256, "Ġh": 257 }, ["Ġ a", "Ġ h"]) });

cases["BPE merges"] = { ...base, pre_tokenizer: { type: "WhitespaceSplit" }, decoder: { type: "Fuse" }, model: bpe({ a: 0, aa: 1, aaa: 2, aaaa: 3, h: 4, e: 5, l: 6, o: 7, he: 8, ll: 9, hell: 10, hello: 11, lo: 12, "<unk>": 13, t: 14, th: 15, the: 16 }, ["a a", "aa aa", "aa a", "h e", "l l", "he ll", "hell o", "l o", "t h", "th e"], { unk_token: "<unk>", fuse_unk: true }) };
cases["BPE unknown not fused"] = { ...cases["BPE merges"], model: { ...cases["BPE merges"].model, fuse_unk: false } };
cases["BPE no unknown"] = { ...cases["BPE merges"], decoder: null, model: { ...cases["BPE merges"].model, unk_token: null } };
cases["BPE prefix"] = { ...base, pre_tokenizer: { type: "WhitespaceSplit" }, decoder: { type: "WordPiece", prefix: "##", cleanup: false }, model: bpe({ "<unk>": 0, a: 1, "##a": 2, aa: 3, h: 4, "##e": 5, "##l": 6, "##o": 7, he: 8, "##lo": 9, "##llo": 10, hello: 11 }, ["a ##a", "h ##e", "##l ##o", "##l ##lo", "he ##llo"], { unk_token: "<unk>", continuing_subword_prefix: "##" }) };
cases["BPE suffix"] = { ...base, pre_tokenizer: { type: "WhitespaceSplit" }, decoder: { type: "BPEDecoder", suffix: "</w>" }, model: bpe({ "<unk>": 0, a: 1, "a</w>": 2, "aa</w>": 3, h: 4, e: 5, l: 6, "o</w>": 7, he: 8, "lo</w>": 9, aa: 10 }, ["a a</w>", "a a", "h e", "l o</w>"], { unk_token: "<unk>", end_of_word_suffix: "</w>" }) };
cases["BPE ignore_merges"] = byteModel({ pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true }, model: bpe({ ...bytes(), Hello: 256, Ġworld: 257, He: 258 }, ["H e"], { ignore_merges: true }) });
const fallback = {}; bytePieces.slice(pieces.length).forEach(([t], i) => { fallback[t] = i; });
for (const t of ["<unk>", "▁", "h", "e", "he", "▁he"]) fallback[t] = Object.keys(fallback).length;
const spm = { normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, { type: "Replace", pattern: { String: " " }, content: "▁" }] },
  decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] } };
cases["BPE byte fallback"] = { ...base, ...spm, model: bpe(fallback, ["h e", "▁ he"], { unk_token: "<unk>", fuse_unk: true, byte_fallback: true }) };
const gaps = { ...fallback }; delete gaps["<0xC3>"]; gaps["<0xC3>x"] = fallback["<0xC3>"];
cases["BPE byte fallback with gaps"] = { ...base, ...spm, model: bpe(gaps, ["h e", "▁ he"], { unk_token: "<unk>", fuse_unk: true, byte_fallback: true }) };

cases["Unigram Metaspace always"] = { ...base, pre_tokenizer: metaspace("always"), decoder: metaspace("always"), model: unigram() };
cases["Unigram Metaspace never whole"] = { ...base, pre_tokenizer: metaspace("never", { split: false }), decoder: metaspace("never"), model: unigram() };
cases["Unigram byte fallback"] = { ...base, normalizer: { type: "Precompiled", precompiled_charsmap: charsmap(rules) }, pre_tokenizer: metaspace("first"), decoder: { type: "Sequence", decoders: [{ type: "ByteFallback" }, metaspace("first")] }, model: unigram({ vocab: bytePieces, byte_fallback: true }) };
cases["Unigram no unknown"] = { ...base, pre_tokenizer: metaspace("always"), decoder: metaspace("always"), model: unigram({ unk_id: null }) };
cases["WordPiece Bert"] = { ...base, normalizer: bert(true, true, null, true), pre_tokenizer: { type: "BertPreTokenizer" }, post_processor: { type: "BertProcessing", sep: ["[SEP]", 2], cls: ["[CLS]", 1] }, decoder: { type: "WordPiece", prefix: "##", cleanup: true }, model: wordpiece, added_tokens: ["[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((t, i) => added(i, t, { special: true })) };
cases["WordPiece no cleanup"] = { ...cases["WordPiece Bert"], decoder: { type: "WordPiece", prefix: "##", cleanup: false } };
cases["WordLevel"] = { ...base, pre_tokenizer: { type: "Whitespace" }, model: { type: "WordLevel", vocab: words, unk_token: "[UNK]" } };

for (const f of ["plain", "lstrip", "rstrip", "both", "single_word", "normalized"]) {
  const flags = { plain: {}, lstrip: { lstrip: true }, rstrip: { rstrip: true }, both: { lstrip: true, rstrip: true }, single_word: { single_word: true }, normalized: { normalized: true } }[f];
  cases[`added tokens ${f}`] = byteModel({ normalizer: { type: "Lowercase" }, added_tokens: [added(256, "<tok>", flags), added(257, "MASK", flags), added(258, "the", flags), added(259, "them", flags), added(260, "Hello", flags), added(261, " b", flags), added(262, "😀", flags)] });
}
cases["template"] = byteModel({ added_tokens: special, post_processor: template });
cases["template in a sequence"] = byteModel({ added_tokens: special, post_processor: { type: "Sequence", processors: [{ type: "ByteLevel", add_prefix_space: true, trim_offsets: false, use_regex: true }, template] } });
cases["Roberta"] = byteModel({ added_tokens: special, post_processor: { type: "RobertaProcessing", sep: ["</s>", 257], cls: ["<s>", 256], trim_offsets: true, add_prefix_space: true } });
for (const [n, d] of Object.entries({ none: null, "Strip both": { type: "Strip", content: "a", start: 2, stop: 0 }, "Replace regex": { type: "Replace", pattern: { Regex: "[a-e]" }, content: "_" }, "Replace long": { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Replace", pattern: { String: "aaa" }, content: "b" }] }, "Fuse and Strip": { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Strip", content: "a", start: 3, stop: 0 }] }, "ByteLevel and Replace": { type: "Sequence", decoders: [byteDecoder, { type: "Replace", pattern: { String: "el" }, content: "EL" }] } }))
  cases[`decoder ${n}`] = byteModel({ decoder: d });

(async () => {
  const out = [];
  const byteVocab = JSON.stringify(bytes());
  for (const [name, tokenizer] of Object.entries(cases)) {
    let tok;
    try { tok = Tokenizer.fromString(JSON.stringify(tokenizer)); } catch (e) { console.error(`${name}: ${e.message}`); continue; }
    const lines = [];
    for (const [index, text] of all.entries()) {
      try {
        const ids = (await tok.encode(text, null, { addSpecialTokens: false })).getIds();
        const with_special = (await tok.encode(text, null, { addSpecialTokens: true })).getIds();
        const decoded = await tok.decode(ids, false);
        lines.push([index, ids, decoded === text ? 0 : decoded, ...(tokenizer.post_processor ? [with_special] : [])]);
      } catch (e) { if (!/unk_id/.test(e.message)) console.error(`${name}: ${JSON.stringify(text)}: ${e.message}`); }
    }
    const shared = JSON.stringify(tokenizer.model.vocab) === byteVocab ? "bytes" : tokenizer.model.vocab === chars ? "characters" : null;
    out.push(JSON.stringify({ name, tokenizer: shared ? { ...tokenizer, model: { ...tokenizer.model, vocab: shared } } : tokenizer, lines }));
  }
  fs.writeFileSync(process.argv[2], `{"texts": ${JSON.stringify(all)},\n"bytes": ${byteVocab},\n"characters": ${JSON.stringify(chars)},\n"cases": [\n${out.join(",\n")}\n]}\n`);
  console.error(`${out.length} cases`);
})();
