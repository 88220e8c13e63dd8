using System.Text.Json;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Schema;

/// <summary>
/// unevaluatedProperties and unevaluatedItems: which keys and items count as evaluated depends on which of the schemas applied to
/// the same value hold, so one alternative is made for each combination of their verdicts.
/// </summary>
internal sealed partial class SchemaCompiler
{
    private const int MaxConditions = 6;
    private const int MaxCollected = 20_000;

    private int _collected;

    private void Unevaluated(Place place, List<Formula> all)
    {
        if (place.Draft < 2019)
        {
            return;
        }

        if (place.TryGet("unevaluatedProperties", out JsonElement properties) && properties.ValueKind != JsonValueKind.True)
        {
            Child rest = ChildAt(_source.Member(place, "unevaluatedProperties"));
            List<Evaluated> parts = Collect(place, "unevaluatedProperties", "unevaluatedProperties");
            all.Add(_pool.Or(_pool.Not(_pool.Kinds(ValueKind.Object)), Alternatives(place, "unevaluatedProperties", parts, held =>
                held.Any(e => e.All)
                    ? _pool.True
                    : _pool.Of(new Atom.Properties(
                        [.. held.SelectMany(e => e.Names).Distinct(StringComparer.Ordinal).Select(n => (n, Anything(place)))],
                        [.. held.SelectMany(e => e.Patterns).Distinct().Select(p => (p, Anything(place)))],
                        rest)))));
        }

        if (place.TryGet("unevaluatedItems", out JsonElement items) && items.ValueKind != JsonValueKind.True)
        {
            Child rest = ChildAt(_source.Member(place, "unevaluatedItems"));
            List<Evaluated> parts = Collect(place, "unevaluatedItems", "unevaluatedItems");
            all.Add(_pool.Or(_pool.Not(_pool.Kinds(ValueKind.Array)), Alternatives(place, "unevaluatedItems", parts, held =>
                held.Any(e => e.All)
                    ? _pool.True
                    : _pool.Of(new Atom.Items(
                        [.. Enumerable.Range(0, held.Select(e => e.Items).DefaultIfEmpty().Max()).Select(_ => Anything(place))],
                        rest)))));
        }
    }

    private Child Anything(Place place) => new(place.Path) { Formula = _pool.True };

    private Formula Alternatives(Place place, string keyword, List<Evaluated> parts, Func<List<Evaluated>, Formula> make)
    {
        List<Formula> conditions = [.. parts.Select(p => p.When).Where(w => !w.IsTrue).Distinct()];
        if (conditions.Count > MaxConditions)
        {
            throw place.Refuse(keyword, $"what is evaluated depends on {conditions.Count} schemas; at most {MaxConditions} are kept");
        }

        List<Formula> any = [];
        for (int bits = 0; bits < 1 << conditions.Count; bits++)
        {
            int held = bits;
            Formula when = _pool.And(conditions.Select((c, i) => (held >> i & 1) == 1 ? c : _pool.Not(c)).ToList());
            if (!when.IsFalse)
            {
                any.Add(_pool.And(
                    when,
                    make([.. parts.Where(p => p.When.IsTrue || (held >> conditions.IndexOf(p.When) & 1) == 1)])));
            }
        }

        return _pool.Or(any);
    }

    /// <summary>What the schema at a place evaluates, each part with the condition under which it does.</summary>
    private List<Evaluated> Collect(Place place, string keyword, string except)
    {
        List<Evaluated> parts = [];
        if (++_depth > _limits.MaxDepth)
        {
            throw place.Refuse("limit", $"schemas refer to each other deeper than {_limits.MaxDepth}");
        }

        Collect(place, keyword, except, _pool.True, parts);
        _depth--;
        return parts;
    }

    private void Collect(Place place, string keyword, string except, Formula when, List<Evaluated> parts)
    {
        if (place.Json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (++_collected > MaxCollected)
        {
            throw place.Refuse("limit", $"'{keyword}' looks into more than {MaxCollected} schemas");
        }

        bool objects = keyword == "unevaluatedProperties";
        if (keyword != except && place.TryGet(keyword, out _))
        {
            parts.Add(new Evaluated(when, [], [], 0, true));
        }

        if (objects)
        {
            parts.Add(new Evaluated(
                when,
                [.. Members(place, "properties").Select(m => m.Name)],
                [.. Members(place, "patternProperties").Select(m => Compiled(m.Place, "patternProperties", m.Name))],
                0,
                place.TryGet("additionalProperties", out _)));
        }
        else
        {
            CollectItems(place, when, parts);
        }

        foreach (string name in (string[])["$ref", "$dynamicRef"])
        {
            if (place.TryGet(name, out JsonElement reference) && reference.ValueKind == JsonValueKind.String)
            {
                Within(_source.Resolve(place, name, reference.GetString()!), when);
            }
        }

        foreach (Place part in Schemas(place, "allOf"))
        {
            Within(part, when);
        }

        foreach (Place part in Schemas(place, "anyOf").Concat(Schemas(place, "oneOf")))
        {
            Within(part, _pool.And(when, Lower(part)));
        }

        foreach ((string name, Place part) in Members(place, "dependentSchemas"))
        {
            Within(part, _pool.And(when, Present(name)));
        }

        if (place.TryGet("if", out _))
        {
            Place condition = _source.Member(place, "if");
            Formula holds = Lower(condition);
            Within(condition, _pool.And(when, holds));
            if (place.TryGet("then", out _))
            {
                Within(_source.Member(place, "then"), _pool.And(when, holds));
            }

            if (place.TryGet("else", out _))
            {
                Within(_source.Member(place, "else"), _pool.And(when, _pool.Not(holds)));
            }
        }

        void Within(Place part, Formula condition)
        {
            if (++_depth > _limits.MaxDepth)
            {
                throw place.Refuse("limit", $"schemas refer to each other deeper than {_limits.MaxDepth}");
            }

            Collect(part, keyword, "", condition, parts);
            _depth--;
        }
    }

    private void CollectItems(Place place, Formula when, List<Evaluated> parts)
    {
        bool items = place.TryGet("items", out JsonElement value);
        bool tuple = items && value.ValueKind == JsonValueKind.Array;
        int prefix = place.Draft >= 2020
            ? (place.TryGet("prefixItems", out JsonElement list) ? list.GetArrayLength() : 0)
            : tuple ? value.GetArrayLength() : 0;
        bool all = (items && !tuple) || (tuple && place.TryGet("additionalItems", out _));
        if (!all && place.Draft >= 2020 && place.TryGet("contains", out _))
        {
            throw place.Refuse("unevaluatedItems", "items evaluated by 'contains' are not kept");
        }

        parts.Add(new Evaluated(when, [], [], prefix, all));
    }

    private sealed record Evaluated(Formula When, List<string> Names, List<Automaton> Patterns, int Items, bool All);
}
