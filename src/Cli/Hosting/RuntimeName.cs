using Orleans;

namespace XLLM.Cli.Hosting;

/// <summary>Which actor runtime this program was built on.</summary>
internal static class RuntimeName
{
    /// <summary><c>Orleans</c>, or <c>Compat</c> for the stand-in.</summary>
    public static string Current { get; } =
        typeof(Grain).Assembly.GetName().Name!.StartsWith("XLLM.", StringComparison.Ordinal) ? "Compat" : "Orleans";
}
