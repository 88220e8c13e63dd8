namespace Orleans.Configuration;

/// <summary>Connections between silos. There is one each way between two silos.</summary>
public class ConnectionOptions
{
    /// <summary>Wait after a failed attempt before the next.</summary>
    public TimeSpan ConnectionRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long connecting and greeting may take.</summary>
    public TimeSpan OpenConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
