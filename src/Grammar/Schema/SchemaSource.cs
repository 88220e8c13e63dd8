using System.Globalization;
using System.Text.Json;

namespace XLLM.Grammar.Schema;

/// <summary>The source with its resources and anchors; resolves references. No reference leaves the source.</summary>
internal sealed class SchemaSource
{
    private static readonly Uri Nowhere = new("schema://source/");

    private readonly Dictionary<string, Resource> _byUri = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Resource> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Place>> _anchors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _dynamicAnchors = new(StringComparer.Ordinal);

    public SchemaSource(JsonElement root)
    {
        int draft = DraftOf(root) ?? 2020;
        Resource whole = new(Nowhere, root, "#", draft);
        _byUri[Nowhere.AbsoluteUri] = whole;
        Index(root, "#", whole);
        Root = new Place(root, "#", _byPath.GetValueOrDefault("#", whole));
    }

    public Place Root { get; }

    /// <summary>Whether some schema inside the source is a resource of its own.</summary>
    public bool Nested => _byPath.Keys.Any(p => p != "#");

    /// <summary>The place of a member.</summary>
    public Place Member(Place place, string name) =>
        At(place.Json.GetProperty(name), $"{place.Path}/{Escape(name)}", place.Resource);

    public Place Member(Place place, JsonProperty member) =>
        At(member.Value, $"{place.Path}/{Escape(member.Name)}", place.Resource);

    public Place Item(Place place, JsonElement item, int index) =>
        At(item, string.Create(CultureInfo.InvariantCulture, $"{place.Path}/{index}"), place.Resource);

    /// <summary>What a <c>$ref</c> (or <c>$dynamicRef</c>) points to.</summary>
    /// <exception cref="GrammarRefusedException">Nothing in the source.</exception>
    public Place Resolve(Place from, string keyword, string reference)
    {
        int hash = reference.IndexOf('#', StringComparison.Ordinal);
        string address = hash < 0 ? reference : reference[..hash];
        string fragment = hash < 0 ? "" : reference[(hash + 1)..];
        Resource resource = from.Resource;
        if (address.Length > 0)
        {
            if (!Uri.TryCreate(resource.Base, address, out Uri? target) || !_byUri.TryGetValue(Key(target), out Resource? found))
            {
                throw from.Refuse(keyword, $"'{reference}' points outside of the schema");
            }

            resource = found;
        }

        if (fragment.Length == 0 || fragment[0] == '/')
        {
            return Follow(from, keyword, resource, fragment, reference);
        }

        string key = Key(resource.Base) + "#" + fragment;
        if (keyword is "$dynamicRef" && _dynamicAnchors.GetValueOrDefault(fragment) > 1)
        {
            throw from.Refuse(keyword, $"several '$dynamicAnchor' are named '{fragment}': which one is meant depends on the way taken");
        }

        return _anchors.TryGetValue(key, out List<Place>? places)
            ? places[0]
            : throw from.Refuse(keyword, $"no place of the schema is named '{reference}'");
    }

    private static Place Follow(SchemaSource source, Place from, string keyword, Place at, string pointer, string reference)
    {
        foreach (string part in pointer.Split('/').Skip(1))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            if (at.Json.ValueKind == JsonValueKind.Object && at.Json.TryGetProperty(name, out JsonElement member))
            {
                at = source.At(member, $"{at.Path}/{Escape(name)}", at.Resource);
            }
            else if (at.Json.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && index < at.Json.GetArrayLength())
            {
                at = source.Item(at, at.Json[index], index);
            }
            else
            {
                throw from.Refuse(keyword, $"'{reference}' points to nothing");
            }
        }

        return at;
    }

    private Place Follow(Place from, string keyword, Resource resource, string pointer, string reference) =>
        Follow(this, from, keyword, new Place(resource.Root, resource.Path, resource), pointer, reference);

    private Place At(JsonElement json, string path, Resource inherited) =>
        new(json, path, _byPath.GetValueOrDefault(path, inherited));

    private void Index(JsonElement json, string path, Resource resource)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            int i = 0;
            foreach (JsonElement item in json.EnumerateArray())
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Index(item, $"{path}/{i}", resource);
                }

                i++;
            }

            return;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        int draft = DraftOf(json) ?? resource.Draft;
        string idName = draft == 4 ? "id" : "$id";
        bool hidden = draft < 2019 && json.TryGetProperty("$ref", out _);
        if (!hidden && json.TryGetProperty(idName, out JsonElement id) && id.ValueKind == JsonValueKind.String)
        {
            string text = id.GetString()!;
            if (text.StartsWith('#') && draft < 2019)
            {
                Anchor(resource, text[1..], json, path);
            }
            else if (Uri.TryCreate(resource.Base, text, out Uri? target))
            {
                resource = new Resource(target, json, path, draft);
                _byPath[path] = resource;
                _byUri.TryAdd(Key(target), resource);
            }
        }
        else if (path == "#")
        {
            _byPath[path] = resource;
        }

        foreach (string name in (string[])["$anchor", "$dynamicAnchor"])
        {
            if (draft >= 2019 && json.TryGetProperty(name, out JsonElement anchor) && anchor.ValueKind == JsonValueKind.String)
            {
                Anchor(resource, anchor.GetString()!, json, path);
                if (name == "$dynamicAnchor")
                {
                    _dynamicAnchors[anchor.GetString()!] = _dynamicAnchors.GetValueOrDefault(anchor.GetString()!) + 1;
                }
            }
        }

        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && member.Name is not ("enum" or "const"))
            {
                Index(member.Value, $"{path}/{Escape(member.Name)}", resource);
            }
        }
    }

    private void Anchor(Resource resource, string name, JsonElement json, string path)
    {
        string key = Key(resource.Base) + "#" + name;
        if (!_anchors.TryGetValue(key, out List<Place>? places))
        {
            _anchors[key] = places = [];
        }

        places.Add(new Place(json, path, resource));
    }

    private static string Key(Uri uri) => uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped);

    private static string Escape(string name) => name.AsSpan().IndexOfAny('~', '/') < 0
        ? name
        : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>4, 6, 7, 2019, 2020, or null when the schema does not say (or names a draft of its own).</summary>
    private static int? DraftOf(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("$schema", out JsonElement name)
            || name.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        return name.GetString()!.TrimEnd('#') switch
        {
            "http://json-schema.org/draft-03/schema" => 3,
            "http://json-schema.org/draft-04/schema" => 4,
            "http://json-schema.org/draft-06/schema" => 6,
            "http://json-schema.org/draft-07/schema" => 7,
            "https://json-schema.org/draft/2019-09/schema" => 2019,
            "https://json-schema.org/draft/2020-12/schema" => 2020,
            _ => null,
        };
    }
}
