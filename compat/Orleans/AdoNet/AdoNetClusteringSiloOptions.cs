namespace Orleans.Configuration;

/// <summary>Where the membership table is.</summary>
public class AdoNetClusteringSiloOptions
{
    public string? ConnectionString { get; set; }

    /// <summary>Name of the ADO.NET provider; the stand-in knows <c>Npgsql</c>.</summary>
    public string Invariant { get; set; } = null!;
}
