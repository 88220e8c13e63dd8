namespace XLLM.Scheduling.Pages;

/// <summary>
/// What a physical KV page is at the moment (xTensor, the xLLM report): whether somebody holds it, and whether it is mapped
/// into a range of addresses.
/// </summary>
public enum PageState : byte
{
    /// <summary>Held by nobody, mapped nowhere.</summary>
    Free = 0,

    /// <summary>Held, mapped nowhere: its mapping is still to be made, or its holders use block lists.</summary>
    Allocated = 1,

    /// <summary>Held and mapped.</summary>
    Mapped = 2,

    /// <summary>Held by nobody, but still mapped: given to the same place again it costs no system call.</summary>
    Reusable = 3,
}
