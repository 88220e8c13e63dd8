namespace XLLM.Gateway.Telemetry;

/// <summary>
/// What one HTTP request turned out to be, for its log line and its span; a feature of the HTTP request. Written by the thread that
/// handles it.
/// </summary>
/// <param name="id">The request's id, the client's or made here.</param>
internal sealed class RequestRecord(string id)
{
    public string Id => id;

    /// <summary>The served model; null when none was asked.</summary>
    public string? Model { get; set; }

    /// <summary>Prompt tokens; a prompt of several choices counts once.</summary>
    public int InputTokens { get; set; }

    public int OutputTokens { get; set; }

    /// <summary>From its arrival to the first token of any choice; NaN = none came.</summary>
    public double FirstTokenSeconds { get; set; } = double.NaN;

    /// <summary>How its choices ended, by comma; null = none began.</summary>
    public string? Finish { get; set; }

    /// <summary>The prompt's text, when the log may have it.</summary>
    public string? Prompt { get; set; }
}
