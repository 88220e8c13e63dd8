namespace Orleans.Configuration;

/// <summary>Storage in the memory of the cluster.</summary>
public class MemoryGrainStorageOptions
{
    /// <summary>Grains that share the states.</summary>
    public int NumStorageGrains { get; set; } = 10;
}
