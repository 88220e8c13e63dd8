using System.Text;
using XLLM.Contracts.Requests;

namespace XLLM.Grammar.Tests;

/// <summary>Structures against every text over a small alphabet, special tokens among it.</summary>
public sealed class StructureTests
{
    private const int FirstSpecial = 2;

    // Tokens: an end, one unused, two special ones, then texts.
    private static readonly string[] Texts = ["a", "b", "<", ">", "1", "{", "}", "ab", "<a>", "1<", "}b", "b<a", "{}", "a>a", "11", "}<"];

    private static readonly GrammarTokenizer Tokens = new(
        [default, default, default, default, .. Texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))], [0]);

    private static readonly OutputStructure Special = OutputStructure.Mark("S", FirstSpecial);

    private static readonly OutputStructure Other = OutputStructure.Mark("T", FirstSpecial + 1);

    private static readonly OutputStructure Number = OutputStructure.JsonSchema("""{"type":"integer","minimum":1,"maximum":111}""");

    private static readonly OutputStructure Empty =
        OutputStructure.JsonSchema("""{"type":"object","additionalProperties":false}""");

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, All.Length)];

    private static OutputStructure[] All =>
    [
        OutputStructure.Sequence(Lit("a"), Number, Lit("b")),
        OutputStructure.Sequence(Lit("<"), Number, OutputStructure.Choice("1", "a", "ab"), Lit(">")),
        OutputStructure.Sequence(OutputStructure.Until(Lit("<a>")), Empty),
        OutputStructure.Sequence(OutputStructure.Until(Special, Lit("b<")), OutputStructure.Regex("a*b?")),
        OutputStructure.Repeat(OutputStructure.OneOf(Lit("a"), Lit("ab"), Special), 1, 3),
        OutputStructure.Repeat(OutputStructure.Regex("a+"), 2, -1),
        OutputStructure.AfterThoughts(Special, Other, Empty),
        OutputStructure.AfterThoughts(null, Lit("<a>"), OutputStructure.Choice("a", "b")),
        OutputStructure.Triggered([OutputStructure.Sequence(Lit("<"), Number, Lit(">"))], 0, -1),
        OutputStructure.Triggered([OutputStructure.Sequence(Lit("<a>"), Empty), OutputStructure.Sequence(Special, Lit("b"))], 1, 2),
        OutputStructure.Triggered(
            [OutputStructure.Sequence(Lit("<"), Lit("a"), Empty), OutputStructure.Sequence(Lit("<"), Lit("ab"), Number)], 0, 1),
        OutputStructure.Sequence(Lit("a"), OutputStructure.Triggered([Special], 1, -1), Lit("b")),
        OutputStructure.OneOf(Empty, Number, OutputStructure.Sequence(Number, Empty)),
        OutputStructure.Sequence(OutputStructure.Repeat(OutputStructure.Sequence(Lit("<"), Empty, Lit(">")), 1, 2), OutputStructure.Regex("b{0,2}")),
    ];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_structure_takes_what_trying_everything_takes(int number)
    {
        OutputStructure structure = All[number];
        StructureOracle oracle = new(structure, t => t == FirstSpecial ? 'S' : 'T');
        CompiledGrammar grammar = GrammarCompiler.Structure(structure);
        Walk(grammar.Start(Tokens), oracle, "", 4);
    }

    [Fact]
    public void Every_place_a_random_text_comes_to_is_as_trying_everything_says()
    {
        Random random = new(7);
        foreach (OutputStructure structure in All)
        {
            StructureOracle oracle = new(structure, t => t == FirstSpecial ? 'S' : 'T');
            CompiledGrammar grammar = GrammarCompiler.Structure(structure);
            for (int walk = 0; walk < 10; walk++)
            {
                GrammarState state = grammar.Start(Tokens);
                string text = "";
                for (int step = 0; step < 8; step++)
                {
                    int[] allowed = [.. Enumerable.Range(1, Texts.Length + 3).Where(t => Checks.Has(state.Mask(), t) && t != 1)];
                    if (allowed.Length == 0)
                    {
                        break;
                    }

                    int token = allowed[random.Next(allowed.Length)];
                    Assert.True(state.TryAccept(token));
                    text += Shown(token);
                    CheckHere(state, oracle, text);
                }
            }
        }
    }

    [Fact]
    public void A_structure_that_is_complete_is_closed()
    {
        GrammarState state = GrammarCompiler.Structure(OutputStructure.Sequence(Lit("a"), Empty)).Start(Tokens);
        Assert.True(state.TryAccept("a{"u8));
        Assert.False(state.IsClosed);
        Assert.True(state.TryAccept(4 + Array.IndexOf(Texts, "}")));
        Assert.True(state.IsClosed);
    }

    [Theory]
    [InlineData(StructureKind.Repeat)]
    [InlineData(StructureKind.OneOf)]
    [InlineData(StructureKind.Until)]
    [InlineData(StructureKind.Triggered)]
    [InlineData((StructureKind)99)]
    public void A_tree_without_sense_is_refused(StructureKind kind) =>
        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Structure(new OutputStructure { Kind = kind }));

    [Fact]
    public void Trees_that_are_too_deep_or_large_or_repeat_nothing_are_refused()
    {
        OutputStructure deep = Lit("a");
        for (int i = 0; i < OutputStructure.MaxDepth; i++)
        {
            deep = OutputStructure.Sequence(deep);
        }

        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Structure(deep));
        Assert.Throws<GrammarRefusedException>(() => new GrammarCache().Get(deep));
        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Structure(
            OutputStructure.Sequence(Enumerable.Repeat(Lit("a"), OutputStructure.MaxNodes))));
        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Structure(OutputStructure.Repeat(OutputStructure.Regex("a*"), 0, -1)));
        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Structure(OutputStructure.Until(Lit("a"), Lit("ba"))));
        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Structure(OutputStructure.Repeat(Lit("a"), 3, 2)));
    }

    [Fact]
    public void A_cache_compiles_once_and_forgets_the_least_recently_used()
    {
        GrammarCache cache = new(new GrammarCacheOptions { MaxCount = 2 });
        CompiledGrammar first = cache.Get(OutputStructure.Sequence(Lit("a"), Number));
        Assert.Same(first, cache.Get(OutputStructure.Sequence(Lit("a"), Number)));
        Assert.NotSame(first, cache.Get(OutputStructure.Sequence(Lit("b"), Number)));
        Assert.Same(first, cache.Get(OutputStructure.Sequence(Lit("a"), Number)));
        cache.Get(Number);
        Assert.Equal(2, cache.Count);
        Assert.Same(first, cache.Get(OutputStructure.Sequence(Lit("a"), Number)));
        OutputStructure bad = OutputStructure.JsonSchema("""{"type":"nothing"}""");
        GrammarRefusedException one = Assert.Throws<GrammarRefusedException>(() => cache.Get(bad));
        Assert.StartsWith("#", one.Path);
        Assert.Same(one, Assert.Throws<GrammarRefusedException>(() => cache.Get(bad)));
    }

    [Fact]
    public void A_cache_stays_within_its_bytes()
    {
        GrammarCache cache = new(new GrammarCacheOptions { MaxBytes = 100_000 });
        for (int i = 0; i < 40; i++)
        {
            cache.Get(Lit(new string('a', i + 1)));
        }

        Assert.InRange(cache.Count, 1, 6);
        Assert.InRange(cache.Bytes, 1, 100_000);
    }

    private static OutputStructure Lit(string text) => OutputStructure.Literal(text);

    private static string Shown(int token) => token switch { FirstSpecial => "S", FirstSpecial + 1 => "T", _ => Texts[token - 4] };

    private static void Walk(GrammarState state, StructureOracle oracle, string text, int further)
    {
        CheckHere(state, oracle, text);
        if (further == 0)
        {
            return;
        }

        foreach (int token in (int[])[2, 3, 4, 5, 6, 7, 8, 9, 10])
        {
            GrammarState next = state.Fork();
            bool taken = next.TryAccept(token);
            if (taken)
            {
                Walk(next, oracle, text + Shown(token), further - 1);
            }
            else
            {
                // Nothing that begins so may be wanted: all of the least continuations are tried.
                foreach (string more in (string[])["", "b", "1", ">", "}", "{}", "<a>", "S", "<1>", "{}>", "a{}", "b1", "a>", "a>{}", "ab", ">{}", "Tb", "T{}"])
                {
                    Assert.False(oracle.Takes(text + Shown(token) + more), $"'{text}' refuses {Shown(token)}, but '{more}' may follow");
                }
            }
        }
    }

    private static void CheckHere(GrammarState state, StructureOracle oracle, string text)
    {
        Assert.True(oracle.Takes(text) == state.IsAccepting, $"'{text}' accepted: {state.IsAccepting}");
        uint[] mask = state.MaskRow();
        for (int token = 0; token < Texts.Length + 4; token++)
        {
            Assert.True(state.Allows(token) == Checks.Has(mask, token), $"'{text}', token {token}");
        }

        bool isOver = Enumerable.Range(1, Texts.Length + 3).All(t => !Checks.Has(mask, t));
        // The vocabulary lacks some characters: bytes may follow of which no token is made.
        Assert.True(!state.IsClosed || (isOver && state.IsAccepting), $"'{text}' closed: {state.IsClosed}");
        byte[]? rest = state.Completion();
        Assert.True(rest is not null, $"'{text}' has no end");
        int[]? spelled = state.Spell(rest);
        Assert.True(spelled is not null, $"'{text}' + {Convert.ToHexString(rest)} cannot be spelled");
        Assert.True(oracle.Takes(text + string.Concat(spelled.Select(Shown))), $"'{text}' ends in {string.Concat(spelled.Select(Shown))}");
    }
}
