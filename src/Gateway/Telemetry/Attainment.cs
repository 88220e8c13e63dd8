namespace XLLM.Gateway.Telemetry;

/// <summary>How often an objective was met. Any thread.</summary>
internal sealed class Attainment
{
    public Counter Met { get; } = new();

    public Counter Missed { get; } = new();

    public void Count(bool met) => (met ? Met : Missed).Add(1);
}
