using System.Text.Json;

namespace XLLM.Grammar.Schema;

/// <summary>A schema with an identifier of its own (or the whole source): what references inside it are relative to.</summary>
internal sealed record Resource(Uri Base, JsonElement Root, string Path, int Draft);
