using System.Diagnostics;

namespace XLLM.Grammar.Tests;

/// <summary>Sources and texts made to cost much: refused, or done within a second or two.</summary>
public sealed class BombTests
{
    public static TheoryData<string, string> Sources { get; } = new()
    {
        { "deep nesting", string.Concat(Enumerable.Repeat("""{"items":""", 100_000)) + "{}" + new string('}', 100_000) },
        { "chain of references", Chain(5_000, "{\"$ref\":\"NEXT\"}") },
        { "doubling allOf", Chain(60, "{\"allOf\":[{\"$ref\":\"NEXT\"},{\"$ref\":\"NEXT\"}]}") },
        { "pattern of counted counts", """{"type":"string","pattern":"^((a{1,100}){1,100}){1,100}$"}""" },
        { "pattern that needs exponentially many states", """{"type":"string","pattern":"a.{40}$"}""" },
        { "pattern for backtrackers", """{"type":"string","pattern":"^(a+)+$"}""" },
        { "huge count", """{"type":"string","pattern":"^a{99999}$"}""" },
        { "unbounded nesting of groups", "{\"pattern\":\"" + new string('(', 5_000) + new string(')', 5_000) + "\"}" },
        { "many alternatives of objects", Many("oneOf", 300, "{\"properties\":{\"a\":{\"minimum\":N}},\"required\":[\"a\"]}") },
        { "negated alternatives", "{\"not\":" + Many(
            "anyOf", 30, "{\"allOf\":[{\"required\":[\"aN\",\"bN\"]},{\"properties\":{\"cN\":{\"type\":\"null\"}}}]}") + "}" },
        { "large counts", """{"type":"array","minItems":2000000000,"items":{"type":"string","minLength":2000000000}}""" },
        { "huge numbers", """{"type":"number","multipleOf":1e-300,"minimum":1e300,"maximum":2e300}""" },
        { "large enumeration", "{\"enum\":[" + string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"value {i}\"")) + "]}" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_source_is_refused_or_served_in_time(string name, string schema)
    {
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            GrammarState state = GrammarCompiler.JsonSchema(schema).Start(Checks.Bytes);
            foreach (byte b in "{\"a\":1}"u8)
            {
                state.Mask();
                if (!state.TryAccept(b))
                {
                    break;
                }
            }
        }
        catch (GrammarRefusedException e)
        {
            Assert.NotEmpty(e.Message);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"{name} took {watch.Elapsed}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 3L << 30, $"{name} used much memory");
    }

    private static string Chain(int length, string link) => "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + string.Concat(
        Enumerable.Range(0, length).Select(i => $"\"d{i}\":" + link.Replace("NEXT", $"#/$defs/d{i + 1}", StringComparison.Ordinal) + ","))
        + $"\"d{length}\":" + "{}}}";

    private static string Many(string keyword, int count, string schema) => "{\"" + keyword + "\":["
        + string.Join(',', Enumerable.Range(0, count).Select(i => schema.Replace("N", $"{i}", StringComparison.Ordinal)))
        + "]}";

    [Fact]
    public void A_text_nests_no_deeper_than_the_limit()
    {
        GrammarState state = GrammarCompiler.JsonSchema("{}").Start(Checks.Bytes);
        int depth = 0;
        while (state.TryAccept("["u8))
        {
            depth++;
        }

        Assert.Equal(GrammarLimits.Default.MaxDepth, depth);
        Assert.NotEmpty(state.Mask().ToArray());
        Assert.Equal(new string(']', depth), System.Text.Encoding.ASCII.GetString(state.Completion()!));
    }
}
