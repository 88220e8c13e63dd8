namespace Orleans.Configuration;

/// <summary>Where grain states are.</summary>
public class AdoNetGrainStorageOptions
{
    public string? ConnectionString { get; set; }

    /// <summary>Name of the ADO.NET provider; the stand-in knows <c>Npgsql</c>.</summary>
    public string Invariant { get; set; } = "";

    /// <summary>A cleared state's row is removed; else it stays, without payload.</summary>
    public bool DeleteStateOnClear { get; set; }
}
