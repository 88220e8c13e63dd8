using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using XLLM.Text.ChatTemplates;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>Mutated templates end in text or in a TemplateException. XLLM_FUZZ_SECONDS (2) sets how long, XLLM_FUZZ_SEED (1) the seed.</summary>
public class MutationTests
{
    private static readonly TemplateLimits Limits = new() { MaxSteps = 20_000, MaxAllocation = 1 << 20, MaxStringLength = 1 << 16 };

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "+%}", "if", "else", "endif", "for", "in", "endfor", "set", "endset", "macro",
        "endmacro", "call", "endcall", "raw", "endraw", "is", "not", "and", "or", "|", "(", ")", "[", "]", "{", "}", ".", ",", ":", "~", "**",
        "//", "%", "'", "\"", "\\", "loop", "recursive", "namespace", "caller", "kwargs", "\n", " ", "0", "-1", "1e9", "999999999999999999999",
        "😀", "\ud800", "é", "map", "tojson", "format", "'{:>9}'", "join", "slice", "batch", "none", "zz",
    ];

    [Fact]
    public void Only_template_exceptions_come_out_of_mutated_templates()
    {
        int seed = Setting("XLLM_FUZZ_SEED", 1);
        long ticks = Setting("XLLM_FUZZ_SECONDS", 2) * Stopwatch.Frequency;
        Random random = new(seed);
        List<string> corpus = [.. CaseFile.Read("statements.jsonl", out Dictionary<string, JsonElement> variables).Select(c => c.Source)];
        corpus.AddRange(CaseFile.Read("expressions.jsonl", out Dictionary<string, JsonElement> more).Select(c => c.Source));
        foreach ((string name, JsonElement value) in more)
        {
            variables.TryAdd(name, value);
        }

        int count = 0;
        int rendered = 0;
        for (long start = Stopwatch.GetTimestamp(); count < 500 || Stopwatch.GetTimestamp() - start < ticks; count++)
        {
            string source = Mutate(random, corpus);
            try
            {
                Rendering.Render(source, variables, Limits);
                rendered++;
            }
            catch (TemplateException)
            {
                // What a bad template is to end in.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, template {count}: {JsonSerializer.Serialize(source)}\n{e}");
            }
        }

        Assert.True(rendered > count / 100, $"only {rendered} of {count} rendered: the mutations are too wild to reach the evaluator");
    }

    private static string Mutate(Random random, List<string> corpus)
    {
        StringBuilder text = new(corpus[random.Next(corpus.Count)]);
        if (random.Next(3) == 0)
        {
            text.Append(corpus[random.Next(corpus.Count)]);
        }

        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(text.Length + 1);
            int length = Math.Min(random.Next(1, 6), text.Length - at);
            switch (random.Next(4))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(random.Next(text.Length + 1), text.ToString(at, length));
                    break;
                case 2:
                    text.Remove(at, length).Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                default:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    private static int Setting(string name, int missing) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : missing;
}
