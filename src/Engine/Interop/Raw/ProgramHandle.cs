namespace XLLM.Engine.Interop.Raw;

internal sealed class ProgramHandle : NativeHandle
{
    protected override void Destroy(nint value) => NativeMethods.ProgramDestroy(value);
}
