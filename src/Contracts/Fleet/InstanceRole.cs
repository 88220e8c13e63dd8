namespace XLLM.Contracts.Fleet;

/// <summary>Kinds of work an instance takes. Prefill | Decode = mixed.</summary>
[Flags]
public enum InstanceRole
{
    None = 0,
    Prefill = 1,
    Decode = 2,
    Mixed = Prefill | Decode,
    Encode = 4,
}
