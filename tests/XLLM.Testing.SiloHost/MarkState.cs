namespace XLLM.Testing.SiloHost;

[GenerateSerializer]
[Alias("XLLM.Testing.MarkState")]
public sealed class MarkState
{
    [Id(0)]
    public int Count { get; set; }
}
