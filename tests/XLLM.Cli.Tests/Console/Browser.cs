using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using OpenQA.Selenium.Support.UI;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Console;

/// <summary>A headless Chromium at one page. What goes wrong in the page's scripts fails the test when it is asked.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ChromeDriver _driver;

    public Browser(string url, int width, int height, bool dark = false)
    {
        ChromeOptions options = new() { BinaryLocation = Find("chromium", "chromium-browser", "google-chrome")! };
        options.AddArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", $"--window-size={width},{height}");
        if (dark)
        {
            options.AddArgument("--blink-settings=preferredColorScheme=0");
        }

        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        ChromeDriverService service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Find("chromedriver")!), "chromedriver");
        service.SuppressInitialDiagnosticInformation = true;
        _driver = new ChromeDriver(service, options, Patience);
        // The window has borders; the page is to have this size.
        _driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new Dictionary<string, object?>
        {
            ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600,
        });
        _driver.Navigate().GoToUrl(url);
    }

    /// <summary>Why there is none; null = there is one.</summary>
    public static string? WhyAbsent { get; } = Find("chromedriver") is null || Find("chromium", "chromium-browser", "google-chrome") is null
        ? "needs Chromium and its driver (apt-get install chromium-driver)"
        : null;

    /// <summary>Errors in the page's console since the last look.</summary>
    public IReadOnlyList<string> Errors =>
        [.. _driver.Manage().Logs.GetLog(LogType.Browser).Where(e => e.Level >= LogLevel.Severe).Select(e => e.Message)];

    public IReadOnlyList<IWebElement> All(string selector) => _driver.FindElements(By.CssSelector(selector));

    public IWebElement One(string selector) => _driver.FindElement(By.CssSelector(selector));

    public object? Run(string script) => _driver.ExecuteScript(script);

    /// <summary>Waits until it holds; a node that was redrawn meanwhile is looked for again.</summary>
    public void Until(Func<Browser, bool> holds, string what)
    {
        WebDriverWait wait = new(_driver, Patience) { Message = what, PollingInterval = TimeSpan.FromMilliseconds(50) };
        wait.IgnoreExceptionTypes(typeof(StaleElementReferenceException), typeof(NoSuchElementException));
        wait.Until(_ => holds(this));
    }

    /// <summary>Clicks a node, also one that is just being drawn anew.</summary>
    public void Click(string selector) => Until(
        page =>
        {
            page.One(selector).Click();
            return true;
        },
        $"{selector} can be clicked");

    /// <summary>Saves what is seen under artifacts/test/console.</summary>
    public void Picture(string name)
    {
        string folder = Path.Combine(SharedData.Repository, "artifacts", "test", "console");
        Directory.CreateDirectory(folder);
        _driver.GetScreenshot().SaveAsFile(Path.Combine(folder, name + ".png"));
    }

    public void Dispose() => _driver.Dispose();

    private static string? Find(params string[] names) => (
        from name in names
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        let path = Path.Combine(folder, name)
        where File.Exists(path)
        select path).FirstOrDefault();
}
