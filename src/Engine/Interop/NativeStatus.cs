namespace XLLM.Engine.Interop;

/// <summary>What a native function returned (xllm_status).</summary>
public enum NativeStatus
{
    Ok = 0,
    InvalidArgument = 1,
    OutOfMemory = 2,
    Unsupported = 3,
    Cancelled = 4,
    Internal = 5,
}
