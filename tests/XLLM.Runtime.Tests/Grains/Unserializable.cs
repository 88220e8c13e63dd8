namespace XLLM.Runtime.Tests.Grains;

/// <summary>A type that is not marked for travelling.</summary>
public sealed class Unserializable
{
    public int Value { get; set; }
}
