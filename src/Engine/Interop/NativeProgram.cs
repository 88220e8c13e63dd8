using System.Runtime.InteropServices;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>A model's program on a device; keeps its weights alive.</summary>
internal sealed unsafe class NativeProgram : IDisposable
{
    private readonly int _ops;

    private NativeProgram(ProgramHandle handle, int ops)
    {
        Handle = handle;
        _ops = ops;
    }

    public ProgramHandle Handle { get; }

    /// <summary>
    /// Errors: <see cref="NativeException"/> with the op's index and the reason when shapes do not fit. Ropes and descriptions
    /// are copied by the library.
    /// </summary>
    public static NativeProgram Create(NativeDevice device, ProgramDescription description, IReadOnlyList<NativeWeight> weights)
    {
        var handles = new nint[weights.Count];
        var kept = new SafeHandle[weights.Count + 1];
        kept[^1] = device.Handle;
        for (int i = 0; i < handles.Length; i++)
        {
            kept[i] = weights[i].Handle;
            handles[i] = weights[i].Handle.DangerousGetHandle();
        }

        ProgramHandle handle = Create(device, description, handles);
        GC.KeepAlive(weights);
        handle.Keep(kept);
        return new NativeProgram(handle, description.Ops.Length);
    }

    /// <summary>Runs a step and waits. False when it was cancelled. Takes no managed memory.</summary>
    public bool Run(NativeKvPool kv, ref NativeStep step)
    {
        fixed (NativeStep* pinned = &step)
        {
            pinned->Size = (uint)sizeof(NativeStep);
            return Finished(NativeMethods.ProgramRun(Handle, kv.Handle, pinned));
        }
    }

    /// <summary>Runs a step with a native call for each op and waits. False when it was cancelled.</summary>
    public bool RunOpByOp(NativeKvPool kv, ref NativeStep step)
    {
        fixed (NativeStep* pinned = &step)
        {
            pinned->Size = (uint)sizeof(NativeStep);
            for (int op = 0; op < _ops; op++)
            {
                if (!Finished(NativeMethods.ProgramRunOps(Handle, kv.Handle, pinned, op, 1)))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Takes no managed memory.</summary>
    public StepGraphCounts GraphCounts
    {
        get
        {
            var info = new NativeProgramInfo { Size = (uint)sizeof(NativeProgramInfo) };
            NativeCall.Check(NativeMethods.ProgramDescribe(Handle, &info));
            return new StepGraphCounts(
                info.Graphs, info.Barriers, info.Records, info.Evictions, info.FullSteps, info.PiecewiseSteps, info.EagerSteps);
        }
    }

    public void Dispose() => Handle.Dispose();

    private static bool Finished(int status)
    {
        if (status == (int)NativeStatus.Cancelled)
        {
            return false;
        }

        NativeCall.Check(status);
        return true;
    }

    private static ProgramHandle Create(NativeDevice device, ProgramDescription description, nint[] weights)
    {
        var ropes = new NativeRopeTable[description.Ropes.Length];
        var pins = new GCHandle[ropes.Length];
        try
        {
            for (int i = 0; i < ropes.Length; i++)
            {
                pins[i] = GCHandle.Alloc(description.Ropes[i].InverseFrequencies, GCHandleType.Pinned);
                ropes[i] = new NativeRopeTable
                {
                    InvFreq = (float*)pins[i].AddrOfPinnedObject(),
                    Pairs = description.Ropes[i].InverseFrequencies.Length,
                    Scale = description.Ropes[i].Scale,
                };
            }

            fixed (NativeBuffer* buffers = description.Buffers)
            fixed (NativeOp* ops = description.Ops)
            fixed (nint* weight = weights)
            fixed (NativeRopeTable* rope = ropes)
            {
                var desc = new NativeProgramDesc
                {
                    Size = (uint)sizeof(NativeProgramDesc),
                    BufferCount = description.Buffers.Length,
                    OpCount = description.Ops.Length,
                    WeightCount = weights.Length,
                    RopeCount = ropes.Length,
                    Logits = description.Logits,
                    Buffers = buffers,
                    Ops = ops,
                    Weights = weight,
                    Ropes = rope,
                    MaxTokens = description.MaxTokens,
                    MaxOutputs = description.MaxOutputs,
                    FloatActivations = description.FloatActivations ? 1 : 0,
                    Hidden = description.Hidden is { } hidden ? 1 + hidden.Buffer : 0,
                    HiddenNorm = description.Hidden is { } normed ? 1 + normed.Norm : 0,
                    HiddenEpsilon = description.Hidden?.Epsilon ?? 0,
                };
                NativeCall.Check(NativeMethods.ProgramCreate(device.Handle, &desc, out ProgramHandle handle));
                return handle;
            }
        }
        finally
        {
            foreach (GCHandle pin in pins)
            {
                if (pin.IsAllocated)
                {
                    pin.Free();
                }
            }
        }
    }
}
