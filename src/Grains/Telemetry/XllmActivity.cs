using System.Diagnostics;

namespace XLLM.Grains.Telemetry;

/// <summary>Trace spans of a request; their names are the steps of docs/request-lifecycle.md.</summary>
public static class XllmActivity
{
    /// <summary>Name of the source, for whoever listens.</summary>
    public const string SourceName = "XLLM";

    internal static ActivitySource Source { get; } = new(SourceName);
}
