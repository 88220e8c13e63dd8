using System.Text.Json;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Schema;

/// <summary>type, enum, const, and the keywords of strings and numbers.</summary>
internal sealed partial class SchemaCompiler
{
    private void Values(Place place, List<Formula> all)
    {
        if (place.TryGet("type", out JsonElement type))
        {
            all.Add(type.ValueKind switch
            {
                JsonValueKind.String => Type(place, type.GetString()!),
                JsonValueKind.Array => _pool.Or(type.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String
                    ? Type(place, t.GetString()!)
                    : throw place.Refuse("type", "'type' must be a name or an array of names")).ToList()),
                _ => throw place.Refuse("type", "'type' must be a name or an array of names"),
            });
        }

        if (place.TryGet("enum", out JsonElement values))
        {
            if (values.ValueKind != JsonValueKind.Array)
            {
                throw place.Refuse("enum", "'enum' must be an array");
            }

            all.Add(Constants(place, "enum", [.. values.EnumerateArray()]));
        }

        if (place.Draft >= 6 && place.TryGet("const", out JsonElement value))
        {
            all.Add(Constants(place, "const", [value]));
        }
    }

    private Formula Type(Place place, string name) => name switch
    {
        "null" => _pool.Kinds(ValueKind.Null),
        "boolean" => _pool.Kinds(ValueKind.False, ValueKind.True),
        "string" => _pool.Kinds(ValueKind.String),
        "number" => _pool.Kinds(ValueKind.Number),
        "array" => _pool.Kinds(ValueKind.Array),
        "object" => _pool.Kinds(ValueKind.Object),
        "integer" => _pool.And(
            _pool.Kinds(ValueKind.Number),
            _pool.Of(place.Draft == 4 ? new Atom.PlainInteger() : new Atom.MultipleOf(Dec.One))),
        _ => throw place.Refuse("type", $"'{name}' is no type; null, boolean, object, array, number, integer and string are"),
    };

    private Formula Constants(Place place, string keyword, List<JsonElement> values)
    {
        HashSet<string> strings = new(StringComparer.Ordinal);
        HashSet<Dec> numbers = [];
        List<Formula> any = [];
        foreach (JsonElement value in values)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    strings.Add(Keywords.Utf16(place, keyword, value));
                    break;
                case JsonValueKind.Number:
                    numbers.Add(Dec.Parse(value.GetRawText())
                        ?? throw place.Refuse(keyword, "a number of more than 400 digits or an exponent beyond 1000"));
                    break;
                case JsonValueKind.Object:
                    any.Add(ConstantObject(place, keyword, value));
                    break;
                case JsonValueKind.Array:
                    any.Add(ConstantArray(place, keyword, value));
                    break;
                default:
                    any.Add(_pool.Kinds(value.ValueKind switch
                    {
                        JsonValueKind.True => ValueKind.True,
                        JsonValueKind.False => ValueKind.False,
                        _ => ValueKind.Null,
                    }));
                    break;
            }
        }

        if (strings.Count > 0)
        {
            any.Add(_pool.And(_pool.Kinds(ValueKind.String), _pool.Of(new Atom.StringIn(strings))));
        }

        if (numbers.Count > 0)
        {
            any.Add(_pool.And(_pool.Kinds(ValueKind.Number), _pool.Of(new Atom.NumberIn(numbers))));
        }

        return _pool.Or(any);
    }

    private Formula ConstantObject(Place place, string keyword, JsonElement value)
    {
        var members = new Dictionary<string, Child>(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            members[member.Name] = Constant(place, keyword, member.Value);
        }

        Child none = new(place.Path) { Formula = _pool.False };
        return _pool.And([
            _pool.Kinds(ValueKind.Object),
            _pool.Of(new Atom.Properties([.. members.Select(m => (m.Key, m.Value))], [], none)),
            .. members.Keys.Select(name => _pool.Of(new Atom.Present(name))),
        ]);
    }

    private Formula ConstantArray(Place place, string keyword, JsonElement value)
    {
        Child none = new(place.Path) { Formula = _pool.False };
        List<Child> items = [.. value.EnumerateArray().Select(item => Constant(place, keyword, item))];
        return _pool.And(
            _pool.Kinds(ValueKind.Array),
            _pool.Of(new Atom.Items(items, none)),
            _pool.Of(new Atom.MinItems(items.Count)));
    }

    private Child Constant(Place place, string keyword, JsonElement value) =>
        new(place.Path) { Formula = Constants(place, keyword, [value]) };

    private void Strings(Place place, List<Formula> all)
    {
        if (place.Count("minLength") is > 0 and int min)
        {
            all.Add(_pool.Of(new Atom.MinLength(min)));
        }

        if (place.Count("maxLength") is { } max && max != int.MaxValue)
        {
            all.Add(_pool.Of(new Atom.MaxLength(max)));
        }

        if (place.Text("pattern") is { } pattern)
        {
            all.Add(_pool.Of(new Atom.Matches(Compiled(place, "pattern", pattern))));
        }

        if (place.TryGet("format", out JsonElement format) && format.ValueKind == JsonValueKind.String
            && StringFormats.PatternOf(format.GetString()!) is { } text)
        {
            if (text.Length == 0)
            {
                throw place.Refuse("format", $"the format '{format.GetString()}' cannot be kept by an automaton");
            }

            all.Add(_pool.Of(new Atom.Matches(Compiled(place, "format", text, true))));
            if (format.GetString() == "hostname")
            {
                all.Add(_pool.Of(new Atom.MaxLength(StringFormats.HostNameLength)));
            }
        }
    }

    private void Numbers(Place place, List<Formula> all)
    {
        bool flags = place.Draft == 4;
        if (place.Number("minimum") is { } low)
        {
            all.Add(_pool.Of(new Atom.Bound(low, false, flags && Flag(place, "exclusiveMinimum"))));
        }

        if (place.Number("maximum") is { } high)
        {
            all.Add(_pool.Of(new Atom.Bound(high, true, flags && Flag(place, "exclusiveMaximum"))));
        }

        if (!flags && place.Number("exclusiveMinimum") is { } above)
        {
            all.Add(_pool.Of(new Atom.Bound(above, false, true)));
        }

        if (!flags && place.Number("exclusiveMaximum") is { } below)
        {
            all.Add(_pool.Of(new Atom.Bound(below, true, true)));
        }

        if (place.Number("multipleOf") is { } unit)
        {
            all.Add(unit.Sign > 0
                ? _pool.Of(new Atom.MultipleOf(unit))
                : throw place.Refuse("multipleOf", "'multipleOf' must be above 0"));
        }
    }

    private static bool Flag(Place place, string name) => place.TryGet(name, out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw place.Refuse(name, $"'{name}' must be true or false in draft 4"),
    };
}
