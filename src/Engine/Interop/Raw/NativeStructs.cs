using System.Runtime.InteropServices;

namespace XLLM.Engine.Interop.Raw;

// Mirrors of the structs in xllm.h: same order, same names. Checked by size in NativeLayoutTests.
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDeviceOptions
{
    public uint Size;
    public int Backend;
    public int Isa;
    public int Threads;
    public int Ordinal;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDeviceInfo
{
    public uint Size;
    public int Backend;
    public int Isa;
    public int Threads;
    public fixed byte Name[64];
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeWeightDesc
{
    public uint Size;
    public int Type;
    public int Usage;
    public int Reserved;
    public long Rows;
    public long Cols;
    public void* Data;
    public ulong DataBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeKvDesc
{
    public uint Size;
    public int Type;
    public int Layers;
    public int KvHeads;
    public int HeadDim;
    public int BlockTokens;
    public int Blocks;
    public int Mode;
    public int Ranges;
    public int RangeBlocks;
    public int Flags;
    public int GuestBlocks;
    public long ExtraBytes;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeKvInfo
{
    public uint Size;
    public int Mode;
    public int Ranges;
    public int RangeBlocks;
    public int MemoryFile;
    public int Reserved;
    public long BlockBytes;
    public long Mappings;
    public long MappingLimit;
    public long MapCalls;
    public long MappedBlocks;
    public long UnmappedBlocks;
    public long AheadMaps;
    public long AheadWaits;
    public long Repairs;
    public long MapNanoseconds;
    public long WaitNanoseconds;
    public fixed byte Reason[128];
    public long LayerBytes;
    public byte* Data;
    public byte* Extra;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeBuffer
{
    public int Rows;
    public int Width;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOp
{
    public int Code;
    public int Flags;
    public fixed int In[4];
    public fixed int Out[2];
    public fixed int Weight[4];
    public fixed int I[8];
    public fixed float F[4];
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRopeTable
{
    public float* InvFreq;
    public int Pairs;
    public float Scale;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeProgramDesc
{
    public uint Size;
    public int BufferCount;
    public int OpCount;
    public int WeightCount;
    public int RopeCount;
    public int Logits;
    public NativeBuffer* Buffers;
    public NativeOp* Ops;
    public nint* Weights;
    public NativeRopeTable* Ropes;
    public int MaxTokens;
    public int MaxOutputs;
    public int FloatActivations;
    public int Reserved;
    public int Hidden;
    public int HiddenNorm;
    public float HiddenEpsilon;
    public int HiddenReserved;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSequence
{
    public int FirstRow;
    public int Rows;
    public int Context;
    public int BlockCount;
    public int* Blocks;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStep
{
    public uint Size;
    public int TokenCount;
    public int SequenceCount;
    public int OutputCount;
    public int* Tokens;
    public int* Positions;
    public NativeSequence* Sequences;
    public int* OutputRows;
    public float* Logits;
    public int* Cancel;
    public int* Ranges;
    public int Mode;
    public int ModeReserved;
    public int* LayersDone;
    public int HiddenCount;
    public int HiddenReserved;
    public int* HiddenRows;
    public float* Hidden;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeProgramInfo
{
    public uint Size;
    public int Ops;
    public int Graphs;
    public int Barriers;
    public long Records;
    public long Evictions;
    public long FullSteps;
    public long PiecewiseSteps;
    public long EagerSteps;
}
