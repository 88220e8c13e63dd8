using System.Text.Json;

namespace XLLM.Grammar.Schema;

/// <summary>A place in the source: its JSON, its path (<c>#/a/b</c>) and the resource it belongs to.</summary>
internal readonly record struct Place(JsonElement Json, string Path, Resource Resource)
{
    public int Draft => Resource.Draft;

    public GrammarRefusedException Refuse(string cause, string message) => new(Path, cause, message);
}
