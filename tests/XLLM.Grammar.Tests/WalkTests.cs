using System.Text;
using System.Text.Json;

namespace XLLM.Grammar.Tests;

/// <summary>Random texts: whatever is written by masks can be brought to an end, and what has ended is valid.</summary>
public sealed class WalkTests
{
    private static readonly GrammarTokenizer Vocabulary = Checks.Vocabulary(Samples.Pieces);

    [Theory]
    [MemberData(nameof(Samples.Schemas), MemberType = typeof(Samples))]
    public void Every_prefix_has_a_completion_that_is_valid(string schema)
    {
        CompiledGrammar grammar = GrammarCompiler.JsonSchema(schema, Checks.AnyOrder);
        using JsonDocument source = JsonDocument.Parse(schema);
        Random random = new(11);
        for (int walk = 0; walk < 60; walk++)
        {
            GrammarState state = grammar.Start(Vocabulary);
            List<byte> text = [];
            int length = random.Next(40);
            for (int step = 0; step < length; step++)
            {
                List<int> allowed = [.. Enumerable.Range(0, 256 + Samples.Pieces.Length).Where(t => Checks.Has(state.Mask(), t))];
                if (allowed.Count == 0)
                {
                    Assert.True(state.IsAccepting);
                    break;
                }

                int token = Walks.Choose(allowed, random);
                Assert.True(state.TryAccept(token));
                text.AddRange(token < 256 ? [(byte)token] : Encoding.UTF8.GetBytes(Samples.Pieces[token - 256]));
            }

            string so = Encoding.UTF8.GetString([.. text]);
            byte[]? rest = state.Completion();
            Assert.True(rest is not null, $"no completion of {so}");
            Assert.True(rest.Length == 0 || state.TryAccept(rest), $"the completion of {so} is refused");
            Assert.True(state.IsAccepting);
            string whole = Encoding.UTF8.GetString([.. text, .. rest]);
            using JsonDocument value = JsonDocument.Parse(whole);
            Assert.True(PlainValidator.IsValid(source.RootElement, value.RootElement, source.RootElement), whole);
        }
    }

    [Fact]
    public void A_fork_goes_on_as_a_replay_does()
    {
        CompiledGrammar grammar = GrammarCompiler.JsonSchema(Samples.All[6], Checks.AnyOrder);
        byte[] text = Encoding.UTF8.GetBytes("""{"v": "x\u0041", "k": "b", "z": [1, 2]}""");
        GrammarState state = grammar.Start(Vocabulary);
        List<GrammarState> kept = [];
        foreach (byte b in text)
        {
            kept.Add(state.Fork());
            Assert.True(state.TryAccept(b));
        }

        for (int at = text.Length - 1; at >= 0; at--)
        {
            GrammarState replay = grammar.Start(Vocabulary);
            Assert.True(at == 0 || replay.TryAccept(text.AsSpan(0, at)));
            Assert.Equal(replay.Mask().ToArray(), kept[at].Mask().ToArray());
            Assert.False(kept[at].Fork().TryAccept("\u0001"u8));
            Assert.True(kept[at].TryAccept(text.AsSpan(at)));
            Assert.True(kept[at].IsAccepting);
        }
    }

    [Fact]
    public void What_must_come_is_told()
    {
        GrammarState state = GrammarCompiler.JsonSchema(
            """{"type":"object","properties":{"answer":{"const":"yes"}},"required":["answer"],"additionalProperties":false}""",
            new GrammarOptions { MaxBlanks = 0 }).Start(Checks.Bytes);
        Assert.True(state.TryAccept("{"u8));
        Assert.True(state.TryAccept("\"a"u8));
        Assert.StartsWith("", Encoding.UTF8.GetString(state.ForcedBytes()));
        Assert.Equal("""{"answer":"yes"}"""[3..], Encoding.UTF8.GetString(state.Completion()!));
    }
}
