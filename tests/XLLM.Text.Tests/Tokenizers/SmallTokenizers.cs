using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.HuggingFace;

namespace XLLM.Text.Tests.Tokenizers;

/// <summary>Tiny tokenizers for tests, written as tokenizer.json.</summary>
internal static class SmallTokenizers
{
    public static Tokenizer Load(string json)
    {
        using JsonDocument document = JsonFile.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json");
        return TokenizerJsonReader.Read(document, TokenizerConfig.Empty, "tokenizer.json");
    }

    /// <summary>BPE over characters: a to z, space, and the given merges ("a b").</summary>
    public static Tokenizer Bpe(IEnumerable<string> merges, string rest = "")
    {
        var vocab = new JsonObject();
        string[] pairs = [.. merges];
        foreach (string token in "abcdefghijklmnopqrstuvwxyz ".Select(c =>
            c.ToString()).Concat(pairs.Select(p => p.Replace(" ", ""))))
        {
            if (!vocab.ContainsKey(token))
            {
                vocab[token] = vocab.Count;
            }
        }

        var model = new JsonObject { ["type"] = "BPE", ["vocab"] = vocab,
            ["merges"] = new JsonArray([.. pairs.Select(p => (JsonNode)p)]) };
        return Load($$$"""{"model": {{{model.ToJsonString()}}}, "decoder": {"type": "Fuse"} {{{rest}}}}""");
    }

    /// <summary>BPE with byte fallback, spaces written ▁ and one put before the text; tokens hi, ▁hi, ▂.</summary>
    public static Tokenizer SentencePiece()
    {
        var vocab = new JsonObject { ["<unk>"] = 0 };
        foreach (string token in Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>").Concat(["▁", "▂", "h", "i", "hi", "▁hi"]))
        {
            vocab[token] = vocab.Count;
        }

        return Load($$$"""
            {"model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true, "vocab": {{{vocab.ToJsonString()}}}, "merges": ["h i", "▁ hi"]},
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
               {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
             "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
               {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}}
            """);
    }
}
