using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer;

/// <summary>An engine in one of its lives.</summary>
public readonly record struct KvIdentity(InstanceId Instance, long Epoch)
{
    public override string ToString() => $"{Instance.Value} (epoch {Epoch})";
}
