using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XLLM.Scheduling.Pages;

[assembly: DisableRuntimeMarshalling]

namespace XLLM.Engine.Interop.Raw;

/// <summary>The functions of xllm.h as they are; rules of use stand there.</summary>
internal static unsafe partial class NativeMethods
{
    public const int AbiVersion = 1;
    private const string Library = "xllm";

    [LibraryImport(Library, EntryPoint = "xllm_abi_version")]
    public static partial int GetAbiVersion();

    [LibraryImport(Library, EntryPoint = "xllm_last_error")]
    public static partial byte* LastError();

    [LibraryImport(Library, EntryPoint = "xllm_isa_supported")]
    public static partial int IsaSupported(int isa, int* supported);

    [LibraryImport(Library, EntryPoint = "xllm_type_layout")]
    public static partial int TypeLayout(int type, int* blockElements, int* blockBytes);

    [LibraryImport(Library, EntryPoint = "xllm_dequantize")]
    public static partial int Dequantize(int type, void* source, ulong sourceBytes, float* destination, ulong count);

    [LibraryImport(Library, EntryPoint = "xllm_device_create")]
    public static partial int DeviceCreate(NativeDeviceOptions* options, out DeviceHandle device);

    [LibraryImport(Library, EntryPoint = "xllm_device_describe")]
    public static partial int DeviceDescribe(DeviceHandle device, NativeDeviceInfo* info);

    [LibraryImport(Library, EntryPoint = "xllm_device_run")]
    public static partial int DeviceRun(DeviceHandle device, delegate* unmanaged[Cdecl]<void*, int, void> work, void* context);

    [LibraryImport(Library, EntryPoint = "xllm_device_destroy")]
    public static partial void DeviceDestroy(nint device);

    [LibraryImport(Library, EntryPoint = "xllm_probe")]
    public static partial int Probe(DeviceHandle device, int kind, double seconds, double* rate);

    [LibraryImport(Library, EntryPoint = "xllm_weight_create")]
    public static partial int WeightCreate(DeviceHandle device, NativeWeightDesc* desc, out WeightHandle weight);

    [LibraryImport(Library, EntryPoint = "xllm_weight_destroy")]
    public static partial void WeightDestroy(nint weight);

    [LibraryImport(Library, EntryPoint = "xllm_weight_bytes")]
    public static partial ulong WeightBytes(WeightHandle weight);

    [LibraryImport(Library, EntryPoint = "xllm_kv_create")]
    public static partial int KvCreate(DeviceHandle device, NativeKvDesc* desc, out KvHandle kv);

    [LibraryImport(Library, EntryPoint = "xllm_kv_destroy")]
    public static partial void KvDestroy(nint kv);

    [LibraryImport(Library, EntryPoint = "xllm_kv_bytes")]
    public static partial ulong KvBytes(KvHandle kv);

    [LibraryImport(Library, EntryPoint = "xllm_kv_describe")]
    public static partial int KvDescribe(KvHandle kv, NativeKvInfo* info);

    [LibraryImport(Library, EntryPoint = "xllm_kv_map")]
    public static partial int KvMap(KvHandle kv, PageMapping* mappings, int count, int flags);

    [LibraryImport(Library, EntryPoint = "xllm_kv_attach")]
    public static partial int KvAttach(KvHandle kv, int file, int first, int count);

    [LibraryImport(Library, EntryPoint = "xllm_kv_copy_block")]
    public static partial int KvCopyBlock(KvHandle kv, int from, int to);

    [LibraryImport(Library, EntryPoint = "xllm_program_create")]
    public static partial int ProgramCreate(DeviceHandle device, NativeProgramDesc* desc, out ProgramHandle program);

    [LibraryImport(Library, EntryPoint = "xllm_program_destroy")]
    public static partial void ProgramDestroy(nint program);

    [LibraryImport(Library, EntryPoint = "xllm_program_run")]
    public static partial int ProgramRun(ProgramHandle program, KvHandle kv, NativeStep* step);

    [LibraryImport(Library, EntryPoint = "xllm_program_run_ops")]
    public static partial int ProgramRunOps(ProgramHandle program, KvHandle kv, NativeStep* step, int first, int count);

    [LibraryImport(Library, EntryPoint = "xllm_program_describe")]
    public static partial int ProgramDescribe(ProgramHandle program, NativeProgramInfo* info);
}
