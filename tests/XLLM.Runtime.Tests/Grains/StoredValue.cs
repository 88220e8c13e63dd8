namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Alias("tests.StoredValue")]
public sealed class StoredValue
{
    [Id(0)]
    public string? Text { get; set; }
}
