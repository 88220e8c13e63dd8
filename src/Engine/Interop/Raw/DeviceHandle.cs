namespace XLLM.Engine.Interop.Raw;

internal sealed class DeviceHandle : NativeHandle
{
    protected override void Destroy(nint value) => NativeMethods.DeviceDestroy(value);
}
