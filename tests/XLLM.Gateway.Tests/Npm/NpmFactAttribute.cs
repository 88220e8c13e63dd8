namespace XLLM.Gateway.Tests.Npm;

/// <summary>
/// A test with the npm SDKs. Skipped, with the reason, unless XLLM_NPM_SDKS names a folder in which <c>npm ci</c> was run with the
/// package files beside this one, and node is there; <c>./xllm test</c> does that.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute()
    {
        Skip = WhyAbsent();
    }

    public static string? Modules => Environment.GetEnvironmentVariable("XLLM_NPM_SDKS") is { Length: > 0 } folder
        ? Path.Combine(folder, "node_modules")
        : null;

    public static string? Node => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))
        .FirstOrDefault(File.Exists);

    private static string? WhyAbsent()
    {
        if (Modules is null)
        {
            return "set XLLM_NPM_SDKS to a folder in which 'npm ci' was run with tests/XLLM.Gateway.Tests/Npm/package*.json; ./xllm test does it where npm is there";
        }

        string? missing = new[] { "openai", "@anthropic-ai/sdk" }.FirstOrDefault(m => !Directory.Exists(Path.Combine(Modules, m)));
        return missing is not null ? $"{Modules} has no '{missing}'" : Node is null ? "there is no node in the PATH" : null;
    }
}
