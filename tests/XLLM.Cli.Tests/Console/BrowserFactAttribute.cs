namespace XLLM.Cli.Tests.Console;

/// <summary>A test in a real Chromium; skipped, with the reason, where none is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.WhyAbsent;
}
