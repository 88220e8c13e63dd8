using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using XLLM.Testing;
using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.HuggingFace;

namespace XLLM.Text.Tests.Tokenizers;

/// <summary>Seeded mutations; XLLM_FUZZ_SECONDS lengthens them. A failure names its seed.</summary>
public class TokenizerFuzzTests
{
    private static readonly Lazy<Tokenizer> Demo = new(() => TokenizerLoader.Load(SharedData.DemoModel));

    private static TimeSpan Budget => TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("XLLM_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double s) ? s
            : 2);

    [Fact]
    public void Random_texts_come_back_from_byte_level_ids_in_range() => Repeat(seed =>
    {
        Tokenizer tokenizer = Demo.Value;
        var random = new Random(seed);
        string text = RandomText.Next(random);

        IReadOnlyList<int> ids = tokenizer.EncodeToIds(text, parseSpecialTokens: random.Next(2) == 0);

        Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
        Assert.Equal(text, tokenizer.Decode(ids));
        Assert.Equal(Encoding.UTF8.GetBytes(text), ids.SelectMany(id => tokenizer.TokenBytes(id).ToArray()));
    });

    [Fact]
    public void Random_units_of_UTF16_never_crash() => Repeat(seed =>
    {
        var random = new Random(seed);
        string text = new([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next(0xD700, 0xE100))]);

        IReadOnlyList<int> ids = Demo.Value.EncodeToIds(text);

        Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), Demo.Value.Decode(ids));
    });

    [Fact]
    public void A_mutated_tokenizer_json_loads_or_is_refused_and_never_crashes()
    {
        byte[][] files =
        [
            .. Directory.GetFiles(SharedData.DemoModel, "tokenizer.json").Select(Shortened),
            .. ComponentTests.CaseNames.Select(n => Encoding.UTF8.GetBytes(ComponentTests.Json(n))).Where(f => f.Length < 20_000),
        ];
        Repeat(seed =>
        {
            var random = new Random(seed);
            byte[] file = Mutate(files[random.Next(files.Length)], random);
            try
            {
                using JsonDocument document = JsonFile.Parse(file, "mutated");
                Tokenizer tokenizer = TokenizerJsonReader.Read(document, TokenizerConfig.Empty, "mutated");
                string text = RandomText.Next(random);
                IReadOnlyList<int> ids = tokenizer.EncodeToIds(text);
                tokenizer.Decode(ids);
            }
            catch (Exception e) when (e is TokenizerFormatException or TokenizationException)
            {
                Assert.NotEmpty(e.Message);
            }
        });
    }

    private static void Repeat(Action<int> body)
    {
        var clock = Stopwatch.StartNew();
        for (int seed = 0; seed < 50 || clock.Elapsed < Budget; seed++)
        {
            try
            {
                body(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    /// <summary>The demo tokenizer without most of its vocabulary, so that a round is quick.</summary>
    private static byte[] Shortened(string path)
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllBytes(path))!;
        var vocab = json["model"]!["vocab"]!.AsObject();
        foreach (string token in vocab.Where(p => p.Value!.GetValue<int>() >= 256).Select(p => p.Key).ToList())
        {
            vocab.Remove(token);
        }

        json["model"]!["merges"] = new System.Text.Json.Nodes.JsonArray();
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        string[] pieces = ["null", "-1", "1e9", "\"\"", "[]", "{}", "true", "\\ud800", "4194303", "(?", "{9}", "\"type\"",
            "\"Sequence\"", "a*"];
        var bytes = new List<byte>(file);
        for (int n = random.Next(1, 6); n > 0; n--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(pieces[random.Next(pieces.Length)]));
                    break;
                default:
                    ReplaceValue(bytes, at, pieces[random.Next(pieces.Length)]);
                    break;
            }

            if (bytes.Count == 0)
            {
                break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Puts a piece in place of the JSON value after the next colon.</summary>
    private static void ReplaceValue(List<byte> bytes, int from, string piece)
    {
        int colon = bytes.IndexOf((byte)':', from);
        int end = colon < 0 ? -1 : bytes.FindIndex(colon, b => b is (byte)',' or (byte)'}' or (byte)']');
        if (end > 0)
        {
            bytes.RemoveRange(colon + 1, end - colon - 1);
            bytes.InsertRange(colon + 1, Encoding.UTF8.GetBytes(piece));
        }
    }
}
