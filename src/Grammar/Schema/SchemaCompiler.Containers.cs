using System.Text.Json;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Schema;

/// <summary>The keywords of objects and arrays.</summary>
internal sealed partial class SchemaCompiler
{
    private const int MaxContains = 1_000;

    private void Objects(Place place, List<Formula> all)
    {
        bool extra = place.TryGet("additionalProperties", out JsonElement additional);
        if (extra || place.TryGet("properties", out _) || place.TryGet("patternProperties", out _))
        {
            List<(string, Child)> named = [.. Members(place, "properties").Select(m => (m.Name, ChildAt(m.Place)))];
            List<(Automaton, Child)> patterned =
            [
                .. Members(place, "patternProperties")
                    .Select(m => (Compiled(m.Place, "patternProperties", m.Name), ChildAt(m.Place))),
            ];
            Child? rest = extra && additional.ValueKind != JsonValueKind.True
                ? ChildAt(_source.Member(place, "additionalProperties"))
                : null;
            all.Add(_pool.Of(new Atom.Properties(named, patterned, rest)));
        }

        Required(place, all);
        if (place.Count("minProperties") is > 0 and int min)
        {
            all.Add(_pool.Of(new Atom.MinProperties(min)));
        }

        if (place.Count("maxProperties") is { } max && max != int.MaxValue)
        {
            all.Add(_pool.Of(new Atom.MaxProperties(max)));
        }

        if (place.Draft >= 6 && place.TryGet("propertyNames", out _))
        {
            all.Add(_pool.Of(new Atom.PropertyNames(ChildAt(_source.Member(place, "propertyNames")))));
        }

        foreach (string keyword in place.Draft < 2019 ? (string[])["dependencies"] : ["dependentRequired", "dependentSchemas"])
        {
            foreach ((string name, Place dependency) in Members(place, keyword))
            {
                Formula then = keyword == "dependentRequired" || (keyword == "dependencies" && dependency.Json.ValueKind == JsonValueKind.Array)
                    ? _pool.And(place.Names(keyword, dependency.Json).Select(Present).ToList())
                    : Lower(dependency);
                all.Add(IfPresent(name, then));
            }
        }
    }

    private void Required(Place place, List<Formula> all)
    {
        if (!place.TryGet("required", out JsonElement required))
        {
            return;
        }

        if (required.ValueKind is JsonValueKind.True or JsonValueKind.False && _pool.ForKind(_pool.And(all), ValueKind.Object).IsFalse)
        {
            return;
        }

        all.AddRange(place.Names("required", required).Select(Present));
    }

    private Formula Present(string name) => _pool.Of(new Atom.Present(name));

    private Formula IfPresent(string name, Formula then) =>
        _pool.Or(_pool.Not(_pool.Kinds(ValueKind.Object)), _pool.Not(Present(name)), then);

    private void Arrays(Place place, List<Formula> all)
    {
        List<Child> prefix = [];
        Child? rest = null;
        bool tuple = place.TryGet("items", out JsonElement items) && items.ValueKind == JsonValueKind.Array;
        if (place.Draft >= 2020)
        {
            if (tuple)
            {
                throw place.Refuse("items", "'items' must be a schema; an array of schemas is 'prefixItems' since 2020-12");
            }

            prefix = [.. Schemas(place, "prefixItems").Select(ChildAt)];
        }
        else if (tuple)
        {
            prefix = [.. Schemas(place, "items").Select(ChildAt)];
            rest = place.TryGet("additionalItems", out _) ? ChildAt(_source.Member(place, "additionalItems")) : null;
        }

        if (!tuple && items.ValueKind != JsonValueKind.Undefined)
        {
            rest = ChildAt(_source.Member(place, "items"));
        }

        if (prefix.Count > 0 || rest is not null)
        {
            all.Add(_pool.Of(new Atom.Items(prefix, rest)));
        }

        if (place.Count("minItems") is > 0 and int min)
        {
            all.Add(_pool.Of(new Atom.MinItems(min)));
        }

        if (place.Count("maxItems") is { } max && max != int.MaxValue)
        {
            all.Add(_pool.Of(new Atom.MaxItems(max)));
        }

        if (place.TryGet("uniqueItems", out JsonElement unique) && unique.ValueKind == JsonValueKind.True)
        {
            all.Add(_pool.Of(new Atom.Unique()));
        }

        if (place.Draft >= 6 && place.TryGet("contains", out _))
        {
            Child item = ChildAt(_source.Member(place, "contains"));
            int least = place.Draft >= 2019 ? place.Count("minContains") ?? 1 : 1;
            if (least > MaxContains)
            {
                throw place.Refuse("minContains", $"more than {MaxContains} matching items");
            }

            if (least > 0)
            {
                all.Add(_pool.Of(new Atom.MinContains(item, least)));
            }

            if (place.Draft >= 2019 && place.Count("maxContains") is { } most && most != int.MaxValue)
            {
                all.Add(_pool.Of(new Atom.MaxContains(item, most)));
            }
        }
    }
}
