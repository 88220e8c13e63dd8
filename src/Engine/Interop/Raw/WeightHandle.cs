namespace XLLM.Engine.Interop.Raw;

internal sealed class WeightHandle : NativeHandle
{
    protected override void Destroy(nint value) => NativeMethods.WeightDestroy(value);
}
