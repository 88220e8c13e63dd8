using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>How a test cluster is made.</summary>
public sealed class InProcessTestClusterOptions
{
    public string ClusterId { get; set; } = "";

    public string ServiceId { get; set; } = "";

    public short InitialSilosCount { get; set; }

    /// <summary>Whether <see cref="InProcessTestCluster.DeployAsync"/> makes the client.</summary>
    public bool InitializeClientOnDeploy { get; set; } = true;

    /// <summary>A test cluster's directory outlives its silos either way.</summary>
    [Experimental("ORLEANSEXP003")]
    public bool UseDistributedGrainDirectory { get; set; }

    /// <summary>The stand-in writes no log files.</summary>
    public bool ConfigureFileLogging { get; set; }

    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];

    public List<Action<IHostApplicationBuilder>> ClientHostConfigurationDelegates { get; } = [];

    /// <summary>Orleans skips placement filters when this is set, as it is there by default. Here they always apply.</summary>
    public bool AssumeHomogenousSilosForTesting { get; set; }
}
