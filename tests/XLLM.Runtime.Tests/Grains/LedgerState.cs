namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Alias("tests.LedgerState")]
public sealed class LedgerState
{
    [Id(0)]
    public int Sum { get; set; }
}
