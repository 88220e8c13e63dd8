namespace XLLM.Gateway.Tests.Harness;

/// <summary>How long a test waits for a fact before it fails; never reached when things work.</summary>
internal static class TestTime
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
}
