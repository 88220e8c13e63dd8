namespace XLLM.Gateway.Errors;

/// <summary>An error as a client sees it.</summary>
internal sealed record ApiError(ErrorRow Row, string Message)
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Path of the field at fault, e.g. <c>messages[2].role</c>.</summary>
    public string? Param { get; init; }

    /// <summary>When to try again; only used where the row allows a retry.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whole seconds of the Retry-After header, at least 1; null when a retry is pointless.</summary>
    public int? RetryAfterSeconds => Row.Retry
        ? (int)Math.Clamp(Math.Ceiling((RetryAfter ?? DefaultRetryAfter).TotalSeconds), 1, 3600)
        : null;
}
