namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Immutable, Alias("tests.FrozenNote")]
public sealed class FrozenNote
{
    public static FrozenNote? Last { get; set; }

    [Id(0)]
    public string Text { get; init; } = "";
}
