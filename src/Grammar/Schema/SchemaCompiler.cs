using System.Text.Json;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Schema;

/// <summary>
/// Lowers a JSON Schema to formulas over atoms. References are followed by draft; schemas of values inside others are compiled one
/// after the other from a queue, so that recursion in the schema needs no stack here. Not thread-safe; one per compilation.
/// </summary>
internal sealed partial class SchemaCompiler
{
    private readonly GrammarLimits _limits;
    private readonly FormulaPool _pool;
    private readonly SchemaSource _source;
    private readonly Dictionary<string, Child> _children = new(StringComparer.Ordinal);
    private readonly Queue<(Child Child, Place Place)> _queue = new();
    private readonly Dictionary<string, Formula?> _lowered = new(StringComparer.Ordinal);
    private int _depth;

    private SchemaCompiler(JsonElement root, FormulaPool pool, GrammarLimits limits)
    {
        _pool = pool;
        _limits = limits;
        _source = new SchemaSource(root);
    }

    /// <exception cref="GrammarRefusedException">The schema cannot be kept exactly within the limits.</exception>
    public static Formula Compile(JsonElement schema, FormulaPool pool, GrammarLimits limits)
    {
        SchemaCompiler compiler = new(schema, pool, limits);
        Child root = compiler.ChildAt(compiler._source.Root);
        while (compiler._queue.TryDequeue(out (Child Child, Place Place) next))
        {
            next.Child.Formula = compiler.Lower(next.Place);
        }

        return root.Formula;
    }

    private Child ChildAt(Place place)
    {
        if (!_children.TryGetValue(place.Path, out Child? child))
        {
            if (_children.Count >= _limits.MaxSchemas)
            {
                throw place.Refuse("limit", $"more than {_limits.MaxSchemas} schemas are reached");
            }

            child = new Child(place.Path);
            _children.Add(place.Path, child);
            _queue.Enqueue((child, place));
        }

        return child;
    }

    private Formula Lower(Place place)
    {
        if (_lowered.TryGetValue(place.Path, out Formula? known))
        {
            return known ?? throw place.Refuse("$ref", "the schema refers to itself without going into a value");
        }

        FormulaPool.CheckStack();
        if (++_depth > _limits.MaxDepth)
        {
            throw place.Refuse("limit", $"schemas refer to each other deeper than {_limits.MaxDepth}");
        }

        _lowered[place.Path] = null;
        Formula made = place.Json.ValueKind switch
        {
            JsonValueKind.True => _pool.True,
            JsonValueKind.False => _pool.False,
            JsonValueKind.Object => LowerObject(place),
            _ => throw place.Refuse("schema", "a schema must be an object, true or false"),
        };
        _depth--;
        _lowered[place.Path] = made;
        return made;
    }

    private Formula LowerObject(Place place)
    {
        List<Formula> all = [];
        if (place.TryGet("$ref", out JsonElement reference) && reference.ValueKind == JsonValueKind.String)
        {
            all.Add(Lower(_source.Resolve(place, "$ref", reference.GetString()!)));
            if (place.Draft < 2019)
            {
                return all[0];
            }
        }

        if (place.Draft == 3)
        {
            throw place.Refuse("$schema", "draft 3 is not supported; drafts 4 to 2020-12 are");
        }

        if (place.Draft >= 2020 && place.Text("$dynamicRef") is { } dynamic)
        {
            all.Add(Lower(_source.Resolve(place, "$dynamicRef", dynamic)));
        }

        if (place.Draft == 2019 && place.TryGet("$recursiveRef", out _))
        {
            if (place.Resource.Path != "#" || _source.Root.TryGet("$recursiveAnchor", out JsonElement anchor) && _source.Nested)
            {
                throw place.Refuse("$recursiveRef", "what it means here depends on the way taken");
            }

            all.Add(Lower(_source.Resolve(place, "$recursiveRef", "#")));
        }

        Values(place, all);
        Strings(place, all);
        Numbers(place, all);
        Objects(place, all);
        Arrays(place, all);
        Combined(place, all);
        Unevaluated(place, all);
        return _pool.And(all);
    }

    private IEnumerable<Place> Schemas(Place place, string name)
    {
        if (!place.TryGet(name, out JsonElement list))
        {
            yield break;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw place.Refuse(name, $"'{name}' must be an array of schemas");
        }

        Place at = _source.Member(place, name);
        int i = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            yield return _source.Item(at, item, i++);
        }
    }

    /// <summary>The members of a keyword that is an object of schemas.</summary>
    private IEnumerable<(string Name, Place Place)> Members(Place place, string name)
    {
        if (!place.TryGet(name, out JsonElement members))
        {
            yield break;
        }

        if (members.ValueKind != JsonValueKind.Object)
        {
            throw place.Refuse(name, $"'{name}' must be an object");
        }

        Place at = _source.Member(place, name);
        var last = new Dictionary<string, JsonProperty>(StringComparer.Ordinal);
        foreach (JsonProperty member in members.EnumerateObject())
        {
            last[member.Name] = member;
        }

        foreach (JsonProperty member in last.Values)
        {
            yield return (member.Name, _source.Member(at, member));
        }
    }

    private void Combined(Place place, List<Formula> all)
    {
        foreach (Place part in Schemas(place, "allOf"))
        {
            all.Add(Lower(part));
        }

        if (place.TryGet("anyOf", out _))
        {
            all.Add(_pool.Or(Schemas(place, "anyOf").Select(Lower).ToList()));
        }

        if (place.TryGet("oneOf", out _))
        {
            all.Add(_pool.One([.. Schemas(place, "oneOf").Select(Lower)]));
        }

        if (place.TryGet("not", out _))
        {
            all.Add(_pool.Not(Lower(_source.Member(place, "not"))));
        }

        if (place.Draft >= 7 && place.TryGet("if", out _))
        {
            Formula condition = Lower(_source.Member(place, "if"));
            if (place.TryGet("then", out _))
            {
                all.Add(_pool.Or(_pool.Not(condition), Lower(_source.Member(place, "then"))));
            }

            if (place.TryGet("else", out _))
            {
                all.Add(_pool.Or(condition, Lower(_source.Member(place, "else"))));
            }
        }
    }

    private Automaton Compiled(Place place, string keyword, string pattern, bool whole = false)
    {
        try
        {
            return whole ? Patterns.Whole(pattern, _limits) : Patterns.Search(pattern, _limits);
        }
        catch (Exception e) when (e is PatternException or RegexTooLargeException)
        {
            throw place.Refuse(keyword, e.Message);
        }
    }
}
