using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Models;
using XLLM.Engine.Models.Weights;

namespace XLLM.Engine.Memory;

/// <summary>
/// Names everything that the bytes of a KV block depend on: the program with its rotary tables, the weights, how activations are
/// taken, and the block's shape. Kernels of every instruction set give the same bits, so these are not part of it. Of a large
/// tensor, runs of bytes spread evenly over it stand for the whole: models that differ in all these places in nothing are taken
/// for one.
/// </summary>
internal static class KvFingerprint
{
    // Of the layout of a block in xllm.h; grows when that changes.
    private const int LayoutVersion = 1;
    private const int Runs = 64;
    private const int RunBytes = 512;

    public static string Of(ModelConfig config, ModelProgram program, WeightPlan plan, ModelOptions options)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, LayoutVersion, (int)options.KvType, options.BlockTokens, options.FloatActivations ? 1 : 0);
        Add(hash, options.KvShared || options.KvMode == KvMode.Virtual ? Environment.SystemPageSize : 1);
        Add(hash, config.Layers, config.KvHeads, config.HeadDim);
        hash.AppendData(MemoryMarshal.AsBytes(program.Ops.AsSpan()));
        foreach (RopeTable rope in program.Ropes)
        {
            hash.AppendData(MemoryMarshal.AsBytes(rope.InverseFrequencies.AsSpan()));
            Add(hash, BitConverter.SingleToInt32Bits(rope.Scale));
        }

        foreach ((WeightRequest request, StoredTensor tensor) in plan.Tensors)
        {
            Add(hash, request.Name.Length, request.Rows, request.Columns);
            hash.AppendData(Encoding.UTF8.GetBytes(request.Name + ":" + tensor.TypeName));
            AddContent(hash, tensor);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()[..16]);
    }

    private static unsafe void AddContent(IncrementalHash hash, StoredTensor tensor)
    {
        byte* data = (byte*)tensor.Data;
        if (tensor.Bytes <= Runs * RunBytes)
        {
            hash.AppendData(new ReadOnlySpan<byte>(data, (int)tensor.Bytes));
            return;
        }

        for (int i = 0; i < Runs; i++)
        {
            long at = (tensor.Bytes - RunBytes) / (Runs - 1) * i;
            hash.AppendData(new ReadOnlySpan<byte>(data + at, RunBytes));
        }
    }

    private static void Add(IncrementalHash hash, params ReadOnlySpan<int> values)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        foreach (int value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }
    }
}
