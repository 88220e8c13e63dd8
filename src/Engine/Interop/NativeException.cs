namespace XLLM.Engine.Interop;

/// <summary>A native call that failed; the text is the library's own.</summary>
public sealed class NativeException(NativeStatus status, string text) : Exception($"{text} ({status})")
{
    public NativeStatus Status { get; } = status;

    /// <summary>The library's text alone.</summary>
    public string Text { get; } = text;
}
