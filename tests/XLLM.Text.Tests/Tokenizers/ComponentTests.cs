using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Testing;
using XLLM.Text.Tokenizers;

namespace XLLM.Text.Tests.Tokenizers;

/// <summary>
/// Every component of tokenizer.json against Hugging Face tokenizers; make_components.cjs tells how the cases were made.
/// </summary>
public class ComponentTests
{
    private static readonly Lazy<JsonObject> Data = new(() => JsonNode.Parse(File.ReadAllText(
        Path.Combine(SharedData.Repository, "tests", "XLLM.Text.Tests", "Tokenizers", "components.json")))!.AsObject());

    public static TheoryData<string> Names => [.. CaseNames];

    internal static IEnumerable<string> CaseNames => Data.Value["cases"]!.AsArray().Select(c => c!["name"]!.GetValue<string>());

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_and_decoded_text_equal_those_of_Hugging_Face(string name)
    {
        Tokenizer tokenizer = SmallTokenizers.Load(Json(name));
        var differences = Case(name)["lines"]!.AsArray().SelectMany(line => Differences(tokenizer, line!.AsArray())).ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>The tokenizer.json of a case.</summary>
    internal static string Json(string name)
    {
        JsonObject json = Case(name)["tokenizer"]!.DeepClone().AsObject();
        if (json["model"]!["vocab"] is JsonValue shared)
        {
            json["model"]!["vocab"] = Data.Value[shared.GetValue<string>()]!.DeepClone();
        }

        return json.ToJsonString();
    }

    private static JsonNode Case(string name) =>
        Data.Value["cases"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;

    private static IEnumerable<string> Differences(Tokenizer tokenizer, JsonArray line)
    {
        string text = Data.Value["texts"]![line[0]!.GetValue<int>()]!.GetValue<string>();
        int[] ids = line[1].Deserialize<int[]>()!;
        IReadOnlyList<int> actual = tokenizer.EncodeToIds(text, addSpecialTokens: false);
        if (!ids.SequenceEqual(actual))
        {
            yield return $"ids of {JsonSerializer.Serialize(text)}: expected [{string.Join(' ', ids)}], got [{string.Join(' ', actual)}]";
        }

        int[] withSpecial = line.Count > 3 ? line[3].Deserialize<int[]>()! : ids;
        actual = tokenizer.EncodeToIds(text);
        if (!withSpecial.SequenceEqual(actual))
        {
            yield return $"with special tokens: expected [{string.Join(' ', withSpecial)}], got [{string.Join(' ', actual)}]";
        }

        string decoded = line[2]!.GetValueKind() == JsonValueKind.String ? line[2]!.GetValue<string>() : text;
        if (tokenizer.Decode(ids) is var got && got != decoded)
        {
            yield return $"decoded {JsonSerializer.Serialize(text)}: expected {JsonSerializer.Serialize(decoded)}, got {JsonSerializer.Serialize(got)}";
        }
    }
}
