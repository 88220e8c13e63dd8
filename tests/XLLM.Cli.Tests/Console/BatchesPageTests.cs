using OpenQA.Selenium;

namespace XLLM.Cli.Tests.Console;

/// <summary>The page of batches in a real browser, on a server that keeps files.</summary>
public sealed class BatchesPageTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [BrowserFact]
    public async Task A_file_is_uploaded_worked_off_and_its_results_are_there()
    {
        string file = await WriteAsync("good.jsonl", Enumerable.Range(0, 3).Select(i => Line(i)));
        using Browser page = new(server.Url + "#/batches", 1280, 900);
        page.Until(p => p.All(".make").Count == 1 && p.One(".make").Displayed, "batches are there");
        page.One("input[type=file]").SendKeys(file);
        page.Until(p => p.One(".make output").Text.StartsWith("3 requests for /v1/chat/completions", StringComparison.Ordinal), "the file is looked at");
        page.One(".make button").Click();
        page.Until(p => p.All(".batch .pill.completed").Count == 1, "the batch is worked off");

        Assert.Contains("3 of 3 requests", page.One(".batch").Text);
        Assert.Equal("3", page.One(".batch progress").GetDomProperty("value"));
        Assert.Contains("good.jsonl", page.One("tbody").Text);
        page.Click(".batch [aria-label^='Results of']");
        page.Picture("batches");

        page.Click("button[aria-label='Delete good.jsonl']");
        page.Until(p => p.All("dialog.ask").Count == 1, "it asks");
        page.All("dialog.ask button")[1].Click();
        page.Until(p => !p.One("tbody").Text.Contains("good.jsonl", StringComparison.Ordinal), "the file is deleted");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_wrong_file_is_told_before_it_is_sent_and_a_phone_shows_it_all()
    {
        string file = await WriteAsync("bad.jsonl", [Line(0), "no json"]);
        using Browser page = new(server.Url + "#/batches", 390, 800, dark: true);
        page.Until(p => p.All(".make").Count == 1 && p.One(".make").Displayed, "batches are there");
        page.One("input[type=file]").SendKeys(file);
        page.Until(p => p.One(".make output").Text.StartsWith("Line 2 is no JSON", StringComparison.Ordinal), "the fault is told");
        Assert.Equal(390L, page.Run("return document.documentElement.scrollWidth"));
        Assert.True((long)page.Run("const m = document.getElementById('view'); return Math.round(m.scrollWidth - m.clientWidth)")! <= 0);
        page.Picture("phone-batches");
        Assert.Empty(page.Errors);
    }

    private static string Line(int i) =>
        $$$"""{"custom_id":"r{{{i}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"xllm-demo","messages":[{"role":"user","content":"What is {{{i}}}?"}],"max_tokens":8}}""";

    private async Task<string> WriteAsync(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(server.Folder, name);
        await File.WriteAllLinesAsync(path, lines);
        return path;
    }
}
