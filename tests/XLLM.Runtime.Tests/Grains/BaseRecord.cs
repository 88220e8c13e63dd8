namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Alias("tests.BaseRecord")]
public record BaseRecord(string Left, int Right);
