using System.Text;

namespace XLLM.Gateway.Telemetry;

/// <summary>Names of instruments (<c>xllm.engine.step_gap</c>, unit s) as Prometheus has them (<c>xllm:engine_step_gap_seconds</c>).</summary>
internal static class MetricNames
{
    private const string Prefix = "xllm";

    /// <param name="instrument">With dots.</param>
    /// <param name="unit">UCUM; <c>s</c> and <c>By</c> become suffixes, <c>{annotations}</c> do not.</param>
    /// <param name="counter">Gets <c>_total</c>.</param>
    public static string Metric(string instrument, string? unit, bool counter)
    {
        string name = Clean(instrument);
        name = name.StartsWith(Prefix + "_", StringComparison.Ordinal) ? name[(Prefix.Length + 1)..] : name;
        string suffix = unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" };
        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            name += suffix;
        }

        // Names of a convention are as they are elsewhere.
        string prefix = name.StartsWith("gen_ai_", StringComparison.Ordinal) ? "" : Prefix + ":";
        return $"{prefix}{name}{(counter && !name.EndsWith("_total", StringComparison.Ordinal) ? "_total" : "")}";
    }

    public static string Label(string key) => Clean(key);

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            clean.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean.ToString();
    }
}
