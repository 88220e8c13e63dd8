using Orleans;

namespace XLLM.Contracts.Ids;

/// <summary>Identity of one generation: one prompt, one sampled continuation. Key of its request grain.</summary>
[GenerateSerializer, Immutable, Alias("xllm.RequestId")]
public readonly record struct RequestId([property: Id(0)] string Value)
{
    // A letter beyond 'f' first: ADO.NET grain storage mixes up keys that parse as hexadecimal.
    /// <summary>A fresh, unguessable identity.</summary>
    public static RequestId New() => new("req-" + Guid.NewGuid().ToString("N"));

    public override string ToString() => Value;
}
