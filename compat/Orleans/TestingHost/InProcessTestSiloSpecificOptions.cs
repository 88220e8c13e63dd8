namespace Orleans.TestingHost;

/// <summary>What one silo of a test cluster has for itself.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    private static int _lastPort = 20000;

    public string SiloName { get; set; } = "";

    public int SiloPort { get; set; }

    public int GatewayPort { get; set; }

    public static InProcessTestSiloSpecificOptions Create(
        InProcessTestCluster testCluster, InProcessTestClusterOptions testClusterOptions, int instanceNumber,
            bool assignNewPort = false)
    {
        // Nothing listens there: the numbers only tell silos apart.
        var port = Interlocked.Add(ref _lastPort, 2);
        return new InProcessTestSiloSpecificOptions
        {
            SiloName = $"Silo_{instanceNumber}",
            SiloPort = port,
            GatewayPort = port + 1,
        };
    }
}
