"""Writes normalization.txt from Python's Unicode data: decompositions, composition and combining classes, for String.Normalize does
nothing without ICU (InvariantGlobalization), and tokens must not depend on the ICU that a machine has.

    python3 make_normalization.py > normalization.txt

Lines: `CODE CLASS` (canonical combining class), `CODE c MAPPING` (canonical, composes again), `CODE x MAPPING` (canonical, does not),
`CODE k MAPPING` (compatibility). Hangul syllables are computed, not listed.
"""
import unicodedata as u

print(f"# Unicode {u.unidata_version}")
for code in range(0x110000):
    char = chr(code)
    if u.combining(char):
        print(f"{code:X} {u.combining(char)}")
    mapping = u.decomposition(char)
    if not mapping or 0xAC00 <= code <= 0xD7A3:
        continue
    parts = mapping.split()
    if parts[0].startswith("<"):
        kind, parts = "k", parts[1:]
    else:
        kind = "c" if len(parts) == 2 and u.normalize("NFC", char) == char else "x"
    print(f"{code:X} {kind} {' '.join(f'{int(p, 16):X}' for p in parts)}")
