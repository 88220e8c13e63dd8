namespace XLLM.Cli.Commands;

/// <summary>Settings given as <c>Section:Key=Value</c>.</summary>
internal static class SettingOption
{
    /// <summary>Throws <see cref="ArgumentException"/> for one without '='.</summary>
    public static IReadOnlyDictionary<string, string?> Parse(IEnumerable<string> settings)
    {
        Dictionary<string, string?> keys = new(StringComparer.OrdinalIgnoreCase);
        foreach (string setting in settings)
        {
            int equals = setting.IndexOf('=');
            if (equals <= 0)
            {
                throw new ArgumentException($"--set is '{setting}'; it must be KEY=VALUE, e.g. Silo:Engines:0:MaxRunning=32.");
            }

            keys[setting[..equals].Replace("__", ":", StringComparison.Ordinal)] = setting[(equals + 1)..];
        }

        return keys;
    }

    /// <summary>The same for a cluster's specification, which keeps texts: no value is an empty one.</summary>
    public static Dictionary<string, string> Texts(IEnumerable<string>? settings) =>
        Parse(settings ?? []).ToDictionary(x => x.Key, x => x.Value ?? "");
}
