using System.Diagnostics;
using System.Text.Json;
using XLLM.Grammar;
using XLLM.Text.Tokenizers;

namespace XLLM.Verification;

/// <summary>
/// Runs schemas with instances <c>{"name", "schema", "tests": [{"valid", "text"}]}</c>: each text is tokenized and followed token by
/// token through the masks, properties in any order. A valid text must be allowed to its end and to end there; an invalid one must not.
/// Every token that is followed is also put to the state itself, which must agree with the mask.
/// </summary>
public static class SchemaVerifier
{
    /// <summary>Times are taken on the calling thread, after the code has been compiled by a first round over a few schemas.</summary>
    /// <exception cref="InvalidDataException">A line is not of the form above.</exception>
    public static SchemaReport Verify(string tokenizerPath, string linesPath, Action<int, int>? progress = null)
    {
        Tokenizer tokenizer = TokenizerLoader.Load(tokenizerPath);
        GrammarTokenizer vocabulary = VocabularyOf(tokenizer);
        string[] lines = [.. File.ReadLines(linesPath).Where(l => !string.IsNullOrWhiteSpace(l))];
        Run warm = new(tokenizer, vocabulary);
        for (int i = 0; i < Math.Min(lines.Length, 60); i++)
        {
            warm.Case(lines[i], i);
        }

        Run run = new(tokenizer, vocabulary);
        List<SchemaCase> cases = [];
        for (int i = 0; i < lines.Length; i++)
        {
            cases.Add(run.Case(lines[i], i));
            progress?.Invoke(i + 1, lines.Length);
        }

        return new SchemaReport(cases, TimeSpread.Of(run.MaskTimes), TimeSpread.Of(run.CompileTimes), run.MaskTimes.Count);
    }

    /// <summary>The vocabulary of a tokenizer: special tokens have no bytes, the end tokens are those it names.</summary>
    public static GrammarTokenizer VocabularyOf(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ReadOnlyMemory<byte>[] tokens = new ReadOnlyMemory<byte>[tokenizer.VocabularySize];
        for (int t = 0; t < tokens.Length; t++)
        {
            tokens[t] = tokenizer.IsSpecial(t) ? default : tokenizer.TokenBytes(t);
        }

        int[] ends = [.. tokenizer.Config.EndTokenIds];
        if (ends.Length == 0 && tokenizer.Config.EosToken is { } end && tokenizer.TokenToId(end) is { } id)
        {
            ends = [id];
        }

        return new GrammarTokenizer(tokens, ends);
    }

    private sealed class Run(Tokenizer tokenizer, GrammarTokenizer vocabulary)
    {
        private readonly GrammarOptions _options = new() { AnyOrder = true };
        private readonly uint[] _mask = new uint[vocabulary.MaskWords];

        public List<double> MaskTimes { get; } = [];

        public List<double> CompileTimes { get; } = [];

        public SchemaCase Case(string line, int number)
        {
            JsonDocument document;
            string name = $"line {number + 1}";
            List<(bool Valid, string Text)> tests;
            string schema;
            try
            {
                document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 512 });
                using (document)
                {
                    JsonElement root = document.RootElement;
                    name = root.GetProperty("name").GetString() ?? name;
                    schema = root.GetProperty("schema").GetRawText();
                    tests = [.. root.GetProperty("tests").EnumerateArray()
                        .Select(t => (t.GetProperty("valid").GetBoolean(), t.GetProperty("text").GetString()!))];
                }
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InvalidDataException($"{name} is not {{\"name\", \"schema\", \"tests\"}}: {e.Message}", e);
            }

            try
            {
                return Schema(name, schema, tests);
            }
            catch (Exception e) when (e is not (OutOfMemoryException or GrammarRefusedException))
            {
                return new SchemaCase(name, SchemaVerdict.RefusesValid, "", e.ToString());
            }
        }

        private SchemaCase Schema(string name, string schema, List<(bool Valid, string Text)> tests)
        {
            try
            {
                long before = Stopwatch.GetTimestamp();
                CompiledGrammar grammar = GrammarCompiler.JsonSchema(schema, _options);
                CompileTimes.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
                int number = 0;
                foreach ((bool valid, string text) in tests)
                {
                    string? fault = Follow(grammar, text);
                    if (valid && fault is not null)
                    {
                        return new SchemaCase(name, SchemaVerdict.RefusesValid, "", $"text {number}: {fault}");
                    }

                    if (!valid && fault is null)
                    {
                        return new SchemaCase(name, SchemaVerdict.TakesInvalid, "", $"text {number} is taken");
                    }

                    number++;
                }

                return new SchemaCase(name, SchemaVerdict.Passed, "", "");
            }
            catch (GrammarRefusedException e)
            {
                return new SchemaCase(name, SchemaVerdict.Refused, e.Cause, e.Message);
            }
        }

        /// <summary>Null when the text is allowed to its end and may end there; else where it is refused.</summary>
        private string? Follow(CompiledGrammar grammar, string text)
        {
            GrammarState state = grammar.Start(vocabulary);
            int at = 0;
            foreach (int token in tokenizer.EncodeToIds(text, false, false))
            {
                Fill(state);
                bool allowed = Has(token);
                if (state.TryAccept(token) != allowed)
                {
                    throw new InvalidOperationException($"the mask and the state disagree on token {at}");
                }

                if (!allowed)
                {
                    return $"token {at} '{tokenizer.Decode([token])}' is refused";
                }

                at++;
            }

            Fill(state);
            return vocabulary.EndTokens.Any(Has) ? null : "the end is refused";
        }

        private bool Has(int token) => (_mask[token / 32] >> token & 1) != 0;

        private void Fill(GrammarState state)
        {
            long before = Stopwatch.GetTimestamp();
            state.FillMask(_mask);
            MaskTimes.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
        }
    }
}
