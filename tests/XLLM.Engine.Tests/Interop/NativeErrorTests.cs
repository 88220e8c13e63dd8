using XLLM.Engine.Interop;
using XLLM.Engine.Interop.Raw;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Tests.Interop;

public sealed unsafe class NativeErrorTests
{
    [Fact]
    public void A_refusal_comes_with_status_and_the_librarys_text()
    {
        var error = Assert.Throws<NativeException>(() => NativeDevice.CreateCpu(EngineIsa.Scalar, 1_000));
        Assert.Equal(NativeStatus.InvalidArgument, error.Status);
        Assert.NotEmpty(error.Text);

        error = Assert.Throws<NativeException>(() => NativeTypes.Dequantize(GgufType.Q8_0, new byte[33], new float[32]));
        Assert.Equal(NativeStatus.InvalidArgument, error.Status);
    }

    [Fact]
    public void A_weight_whose_bytes_do_not_fit_its_shape_is_refused()
    {
        using NativeDevice device = NativeDevice.CreateCpu(EngineIsa.Scalar, 1);
        byte* data = stackalloc byte[64];
        var error = Assert.Throws<NativeException>(
            () => Create(device, 4, 4, data, 63));
        Assert.Equal(NativeStatus.InvalidArgument, error.Status);
        Assert.Throws<NativeException>(() => Create(device, long.MaxValue, 4, data, 64));
        Assert.Throws<NativeException>(() => Create(device, 0, 0, data, 0));
    }

    [Fact]
    public void A_program_with_a_wrong_op_is_refused_by_its_index()
    {
        using NativeDevice device = NativeDevice.CreateCpu(EngineIsa.Scalar, 1);
        var op = new NativeOp { Code = 99 };
        var buffer = new NativeBuffer { Rows = 1, Width = 4 };
        var description = new ProgramDescription([buffer], [op], [], 0) { MaxTokens = 1, MaxOutputs = 1 };
        var error = Assert.Throws<NativeException>(() => NativeProgram.Create(device, description, []));
        Assert.Contains("op 0", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_disposed_first_lives_until_its_weights_are_gone()
    {
        NativeDevice device = NativeDevice.CreateCpu(EngineIsa.Scalar, 1);
        byte* data = stackalloc byte[64];
        NativeWeight weight = Create(device, 4, 4, data, 64);
        device.Dispose();
        Assert.True(weight.Bytes >= 64);
        weight.Dispose();
        Assert.True(weight.Handle.IsClosed);
    }

    [Fact]
    public void A_KV_block_copies_only_within_the_pool()
    {
        using NativeDevice device = NativeDevice.CreateCpu(EngineIsa.Scalar, 1);
        var desc = new NativeKvDesc { Type = 0, Layers = 2, KvHeads = 1, HeadDim = 8, BlockTokens = 8, Blocks = 3 };
        using NativeKvPool pool = NativeKvPool.Create(device, desc);
        pool.CopyBlock(0, 2);
        Assert.Throws<NativeException>(() => pool.CopyBlock(0, 3));
        Assert.Throws<NativeException>(() => pool.CopyBlock(-1, 0));
    }

    private static NativeWeight Create(NativeDevice device, long rows, long columns, byte* data, long bytes) =>
        NativeWeight.Create(device, GgufType.F32, WeightUsage.Matrix, rows, columns, data, bytes);
}
