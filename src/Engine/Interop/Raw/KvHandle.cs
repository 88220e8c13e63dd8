namespace XLLM.Engine.Interop.Raw;

internal sealed class KvHandle : NativeHandle
{
    protected override void Destroy(nint value) => NativeMethods.KvDestroy(value);
}
