using System.Text.Json;
using XLLM.Text.ChatTemplates;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>Hundreds of small templates against what Jinja2 3.1.6 gave for them.</summary>
public class JinjaCasesTests
{
    [Theory]
    [InlineData("expressions.jsonl", 650)]
    [InlineData("statements.jsonl", 250)]
    public void Renders_as_Jinja2_does_and_fails_where_it_fails(string file, int least)
    {
        List<string> wrong = [];
        int count = 0;
        foreach ((string source, string? expected) in CaseFile.Read(file, out Dictionary<string, JsonElement> variables))
        {
            count++;
            string? text = null;
            string error = "";
            try
            {
                text = Rendering.Render(source, variables);
            }
            catch (TemplateException e)
            {
                error = e.Message;
            }

            if (text != expected)
            {
                wrong.Add($"{source}\n  expected {expected ?? "an error"}\n  got      {text ?? error}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(count >= least, $"only {count} cases");
    }
}
