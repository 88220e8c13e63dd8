namespace Orleans.Configuration;

/// <summary>The silo's name.</summary>
public class SiloOptions
{
    /// <summary>Made up when empty.</summary>
    public string SiloName { get; set; } = "";
}
