using OpenQA.Selenium;

namespace XLLM.Cli.Tests.Console;

/// <summary>The page of API keys in a real browser, on a server that needs keys.</summary>
public sealed class KeysPageTests(KeyedConsoleServer server) : IClassFixture<KeyedConsoleServer>
{
    [BrowserFact]
    public void An_admin_makes_a_key_sees_it_once_and_removes_it()
    {
        using Browser page = new(server.Url + "#/keys", 1280, 800);
        page.Until(p => p.One(".note").Text.Contains("Enter your API key", StringComparison.Ordinal), "strangers are told what to do");
        page.Run($"localStorage.setItem('xllm.key', '{server.AdminKey}'); location.reload()");
        page.Until(p => p.All("tbody tr").Count == 1, "the admin's own key is listed");
        Assert.False(page.One("tbody button").Enabled);

        IWebElement[] fields = [.. page.All(".make input")];
        fields[0].SendKeys("team-a");
        fields[1].SendKeys("600");
        fields[2].SendKeys("20000");
        fields[0].SendKeys(Keys.Enter);
        page.Until(p => p.All(".secret").Count == 1 && p.All("tbody tr").Count == 2, "the key is made and listed");
        string key = page.One(".secret").Text;
        Assert.StartsWith("xllm-", key, StringComparison.Ordinal);
        Assert.DoesNotContain(key, page.One("tbody").Text);
        Assert.Contains("20,000 of 20,000 left", page.One("tbody").Text);
        page.Picture("keys");

        page.Click("button[aria-label='Remove team-a']");
        page.Until(p => p.All("dialog.ask").Count == 1, "it asks");
        page.All("dialog.ask button")[1].Click();
        page.Until(p => p.All("tbody tr").Count == 1, "it is gone");
        // The first look, without a key, was answered 401, which a browser writes down.
        Assert.DoesNotContain(page.Errors, e => !e.Contains("401", StringComparison.Ordinal));
    }

    [BrowserFact]
    public void On_a_phone_in_the_dark_it_fits()
    {
        using Browser page = new(server.Url + "#/keys", 390, 800, dark: true);
        page.Run($"localStorage.setItem('xllm.key', '{server.AdminKey}'); location.reload()");
        page.Until(p => p.All("tbody tr").Count >= 1, "the admin's own key is listed");
        Assert.Equal(390L, page.Run("return document.documentElement.scrollWidth"));
        Assert.True((long)page.Run("const m = document.getElementById('view'); return Math.round(m.scrollWidth - m.clientWidth)")! <= 0);
        page.Picture("phone-keys");
    }
}
