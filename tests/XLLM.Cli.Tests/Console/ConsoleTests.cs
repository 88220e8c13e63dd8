using OpenQA.Selenium;

namespace XLLM.Cli.Tests.Console;

/// <summary>The console in a real browser, on a real server of the demo model.</summary>
public sealed class ConsoleTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private const string Question = "What is the capital of France?";
    private const string Answer = "The capital of France is Paris.";

    [BrowserFact]
    public void A_question_is_answered_and_asked_again_and_kept()
    {
        using Browser page = new(server.Url, 1280, 800);
        page.Until(p => p.All("header select option").Count == 1, "the models are there");
        Set(page, "Temperature", "0");

        Ask(page, Question);
        page.Until(p => p.All(".message footer").Count == 1, "the answer is whole");
        Assert.Equal(Answer, page.One(".message.assistant .text").Text);
        Assert.Contains("tokens/s", page.One(".message footer").Text);
        page.Picture("chat");

        page.All(".message footer button").Single(b => b.Text == "Regenerate").Click();
        page.Until(p => p.All(".message").Count == 2 && p.All(".message footer").Count == 1, "the answer came again");
        Assert.Equal(Answer, page.One(".message.assistant .text").Text);

        page.Run("location.reload()");
        page.Until(p => p.All(".message").Count == 2, "the conversation was kept");
        Assert.Contains(Question[..20], page.One(".history").Text);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public void An_answer_can_be_stopped_and_its_tokens_looked_at()
    {
        using Browser page = new(server.Url, 1280, 800);
        page.Until(p => p.All("header select option").Count == 1, "the models are there");
        // Escape comes with the first text that is painted, however fast the model is.
        page.Run("""
            const log = document.querySelector('.log');
            const eyes = new MutationObserver(() => {
              if (!log.querySelector('.text.live')?.textContent) return;
              eyes.disconnect();
              document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
            });
            eyes.observe(log, { childList: true, subtree: true });
            """);
        Ask(page, "Tell me a story.");
        page.Until(p => p.All(".message footer").Count == 1, "it has ended");
        Assert.Equal("Stopped.", page.One(".message .error").Text);

        page.One("input[type=checkbox]").Click();
        Set(page, "Temperature", "0");
        Ask(page, Question);
        page.Until(p => p.All(".message footer").Count == 2, "the answer is whole");
        Assert.Equal(Answer, string.Concat(page.All(".token").Select(t => t.GetDomProperty("textContent"))).Trim());
        page.Run("document.querySelectorAll('.token')[1].focus()");
        Assert.Contains("%", page.One(".tip").Text);
        Assert.Equal(5, page.All(".tip div").Count);
        page.Picture("tokens");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public void What_a_model_writes_cannot_become_markup()
    {
        using Browser page = new(server.Url, 1280, 800);
        page.Until(p => p.All("header select option").Count == 1, "the models are there");
        // The page's own renderer on what an answer may hold.
        page.Run("""
            import('./console/markdown.js').then(({ markdown }) => {
              const box = document.createElement('div');
              box.id = 'probe';
              box.append(markdown('<img src=x onerror="window.hit=1"> [a](javascript:window.hit=1) **bold** `<b>`\n\n- one\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```js\n<script>window.hit=1<' + '/script>\n```\n[ok](https://example.org/)'));
              document.body.append(box);
            });
            """);
        page.Until(p => p.All("#probe").Count == 1, "it is drawn");

        Assert.Empty(page.All("#probe img, #probe script"));
        Assert.Null(page.Run("return window.hit"));
        Assert.Equal(["https://example.org/"], page.All("#probe a").Select(a => a.GetDomAttribute("href")));
        Assert.Equal("bold", page.One("#probe strong").Text);
        Assert.Equal(["one", "two"], page.All("#probe li").Select(l => l.Text));
        Assert.Equal(["1", "2"], page.All("#probe td").Select(l => l.Text));
        Assert.Equal("<script>window.hit=1</script>", page.One("#probe pre code").Text);
    }

    [BrowserFact]
    public void The_cluster_and_the_live_charts_show_what_runs()
    {
        using Browser page = new(server.Url + "#/cluster", 1280, 800);
        page.Until(p => p.All(".instance.ready").Count == 1, "the instance is there");
        Assert.Contains("xllm-demo", page.One(".instance").Text);
        Assert.Contains("1 of 1", page.One(".tiles").Text);
        Assert.Single(page.All("tbody tr"));
        page.Picture("cluster");

        page.Run("fetch('v1/completions', {method: 'POST', headers: {'content-type': 'application/json'}, "
            + "body: JSON.stringify({prompt: 'Once', max_tokens: 4000, ignore_eos: true, temperature: 1})})");
        page.One("a[data-view=live]").Click();
        page.Until(p => p.All("figure.chart").Count == 8 && p.All("path.line0").Any(l => (l.GetDomAttribute("d") ?? "").Contains('L', StringComparison.Ordinal)),
            "lines are drawn");
        page.Until(p => p.All("figure.chart .value").Any(v => v.Text.StartsWith("1 / ", StringComparison.Ordinal)), "the running request is seen");
        page.Picture("live");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public void A_requests_steps_are_drawn_with_the_slowest_one_marked()
    {
        using Browser page = new(server.Url, 1280, 900);
        page.Until(p => p.All("header select option").Count == 1, "the models are there");
        Ask(page, Question);
        page.Until(p => p.All(".message footer a").Count == 1, "the answer is whole and has its timeline");
        page.One(".message footer a").Click();
        page.Until(p => p.All(".timeline section").Count == 2, "the gateway's steps and those of one run are drawn");

        string[] names = [.. page.All(".timeline .name").Select(n => n.Text.TrimStart([.. "0123456789 \n"]))];
        Assert.Superset(
            new HashSet<string> { "parse", "text", "submit", "own", "route", "reserve", "start", "queue", "prefill", "decode", "stream", "detokenize", "answer", "end" },
            names.ToHashSet());
        Assert.Single(page.All(".timeline .bar.slowest"));
        Assert.Contains("Run 0", page.All(".timeline h3")[1].Text);
        Assert.Contains("completed", page.One("h1").Text);
        // Bars are inside their tracks and as long as they say.
        Assert.True((bool)page.Run("""
            return [...document.querySelectorAll('.timeline .bar')].every(bar => {
              const [b, t] = [bar.getBoundingClientRect(), bar.parentElement.getBoundingClientRect()];
              return b.left >= t.left - 1 && b.right <= t.right + 4 && b.width >= 1;
            });
            """)!);
        page.Picture("timeline");

        page.One("a[data-view=requests]").Click();
        page.Until(p => p.All(".requests tbody tr").Count >= 1, "the request is listed");
        page.Picture("requests");
        page.Until(
            p =>
            {
                p.One(".requests tbody a").SendKeys(Keys.Enter);
                return true;
            },
            "the keyboard reaches it");
        page.Until(p => p.All(".timeline").Count == 1, "the keyboard opens it");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public void Prefixes_that_are_held_are_drawn_as_a_tree()
    {
        using Browser page = new(server.Url + "#/prefixes", 1280, 800);
        page.Until(p => p.All(".tiles .tile").Count == 5, "the page is there");
        page.Run("""
            const ask = end => fetch('v1/completions', { method: 'POST', headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ prompt: 'All prompts of this test begin alike, with a long text that fills several blocks. '.repeat(6) + end, max_tokens: 2 }) });
            ask('one and then something that is quite different from the other, for a whole block or two of tokens')
              .then(() => ask('two, which goes on in its own way for a while, so that the tree has a branch at this place'))
              .then(() => ask('two, which goes on in its own way for a while, so that the tree has a branch at this place'));
            """);
        page.Until(p => p.All(".segment").Count >= 3, "the common beginning and two branches are drawn");

        Assert.Contains("silo-1/cpu0 (pool)", page.All(".segment")[0].GetDomAttribute("aria-label"));
        // What follows begins where the common part ends, and branches do not cover each other.
        Assert.True((bool)page.Run("""
            const boxes = [...document.querySelectorAll('.segment')].map(s => s.getBoundingClientRect());
            return boxes.every((a, n) => boxes.every((b, m) => n === m || a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1));
            """)!);
        page.Click(".segment");
        page.Until(p => p.One("[aria-live=polite].tile").Displayed, "a segment tells of itself");
        page.Picture("prefixes");
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public void On_a_phone_in_the_dark_it_fits_and_works()
    {
        using Browser page = new(server.Url, 390, 800, dark: true);
        page.Until(p => p.All("header select option").Count == 1, "the models are there");
        Assert.False(page.One(".panel").Displayed);
        page.One(".panel-toggle").Click();
        Assert.True(page.One(".panel").Displayed);
        page.One(".panel-toggle").Click();

        Ask(page, Question);
        page.Until(p => p.All(".message footer").Count == 1, "the answer is whole");
        page.Picture("phone");
        foreach (string view in new[] { "chat", "requests", "cluster", "live", "batches", "settings" })
        {
            page.One($"a[data-view={view}]").Click();
            page.Until(p => p.One($"a[data-view={view}]").GetDomAttribute("aria-current") == "page", view);
            Assert.Equal(390L, page.Run("return document.documentElement.scrollWidth"));
            Assert.True((long)page.Run("const m = document.getElementById('view'); return Math.round(m.scrollWidth - m.clientWidth)")! <= 0, view);
        }

        page.Picture("phone-settings");
        page.One("a[data-view=requests]").Click();
        page.Until(p => p.All(".requests tbody tr").Count >= 1, "the request is listed");
        page.Picture("phone-requests");
        page.Click(".requests tbody a");
        page.Until(p => p.All(".timeline .bar.slowest").Count == 1, "its timeline is drawn");
        Assert.Equal(390L, page.Run("return document.documentElement.scrollWidth"));
        page.Picture("phone-timeline");
        Assert.Empty(page.Errors);
    }

    private static void Ask(Browser page, string text)
    {
        IWebElement input = page.One("textarea[aria-label=Message]");
        input.SendKeys(text);
        input.SendKeys(Keys.Enter);
    }

    private static void Set(Browser page, string label, string value)
    {
        IWebElement field = page.All(".parameters label").First(l => l.Text.StartsWith(label, StringComparison.Ordinal)).FindElement(By.CssSelector("input"));
        field.SendKeys(Keys.Control + "a");
        field.SendKeys(value);
    }
}
