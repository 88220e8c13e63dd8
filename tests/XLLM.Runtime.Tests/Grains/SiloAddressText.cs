namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Immutable, Alias("tests.SiloAddressText")]
public readonly record struct SiloAddressText([property: Id(0)] string Value);
