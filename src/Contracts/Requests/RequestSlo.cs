namespace XLLM.Contracts.Requests;

/// <summary>Latency objectives of a request, in seconds; infinite = none.</summary>
[GenerateSerializer, Immutable, Alias("xllm.RequestSlo")]
public readonly record struct RequestSlo([property: Id(0)] double TtftSeconds, [property: Id(1)] double TpotSeconds)
{
    /// <summary>No objective.</summary>
    public static RequestSlo None { get; } = new(double.PositiveInfinity, double.PositiveInfinity);
}
