"""Works out what Jinja2 gives for the sources in the .jsonl files here, and writes it back. Needs jinja2 (3.1.6 was used).

    python make_cases.py expressions.jsonl statements.jsonl

The first line of a file is {"variables"}, every other {"source", "text"} or, where rendering fails, {"source", "error"}.
"""
import datetime
import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def fail(message):
    raise TemplateError(message)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", Generation])
    env.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
        x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
    env.globals["raise_exception"] = fail
    env.globals["strftime_now"] = lambda f: datetime.datetime(2026, 1, 2, 3, 4, 5).strftime(f)
    return env


def expected(env, source, variables):
    try:
        return {"text": env.from_string(source).render(**variables)}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


for path in map(pathlib.Path, sys.argv[1:]):
    head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    env = environment()
    out = [head] + [{"source": line["source"]} | expected(env, line["source"], head["variables"]) for line in lines]
    path.write_text("".join(json.dumps(line, ensure_ascii=True) + "\n" for line in out), encoding="utf-8")
    print(f"{path}: {len(lines)} cases")
