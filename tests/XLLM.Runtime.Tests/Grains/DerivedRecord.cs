namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Alias("tests.DerivedRecord")]
public sealed record DerivedRecord(string Left, int Right, decimal Amount) : BaseRecord(Left, Right)
{
    [Id(0)]
    public string? Extra { get; init; }
}
