using System.Runtime.InteropServices;

namespace XLLM.Engine.Interop.Raw;

/// <summary>
/// A native handle that keeps others alive: it holds a reference on each handle it was made from and gives it back after it
/// is itself destroyed. So destruction happens in the right order whoever disposes first, the finalizer included.
/// </summary>
internal abstract class NativeHandle() : SafeHandle(0, true)
{
    private SafeHandle[] _kept = [];

    public override bool IsInvalid => handle == 0;

    /// <summary>Called once, by the service that made this handle.</summary>
    public void Keep(params ReadOnlySpan<SafeHandle> others)
    {
        var kept = new SafeHandle[others.Length];
        for (int i = 0; i < others.Length; i++)
        {
            bool added = false;
            others[i].DangerousAddRef(ref added);
            kept[i] = others[i];
        }

        _kept = kept;
    }

    protected abstract void Destroy(nint value);

    protected override bool ReleaseHandle()
    {
        Destroy(handle);
        foreach (SafeHandle other in _kept)
        {
            other.DangerousRelease();
        }

        return true;
    }
}
