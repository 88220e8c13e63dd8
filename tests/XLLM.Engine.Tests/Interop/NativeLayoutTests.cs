using XLLM.Engine.Interop;
using XLLM.Engine.Interop.Raw;
using XLLM.Formats.Gguf;
using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Tests.Interop;

public sealed unsafe class NativeLayoutTests
{
    [Fact]
    public void Structs_have_the_sizes_of_the_C_structs()
    {
        Assert.Equal(20, sizeof(NativeDeviceOptions));
        Assert.Equal(80, sizeof(NativeDeviceInfo));
        Assert.Equal(48, sizeof(NativeWeightDesc));
        Assert.Equal(56, sizeof(NativeKvDesc));
        Assert.Equal(264, sizeof(NativeKvInfo));
        Assert.Equal(16, sizeof(PageMapping));
        Assert.Equal(8, sizeof(NativeBuffer));
        Assert.Equal(96, sizeof(NativeOp));
        Assert.Equal(16, sizeof(NativeRopeTable));
        Assert.Equal(88, sizeof(NativeProgramDesc));
        Assert.Equal(24, sizeof(NativeSequence));
        Assert.Equal(112, sizeof(NativeStep));
        Assert.Equal(56, sizeof(NativeProgramInfo));
    }

    [Theory]
    [InlineData(GgufType.F32)]
    [InlineData(GgufType.F16)]
    [InlineData(GgufType.BF16)]
    [InlineData(GgufType.Q8_0)]
    [InlineData(GgufType.Q4_0)]
    [InlineData(GgufType.Q4_1)]
    [InlineData(GgufType.Q5_0)]
    [InlineData(GgufType.Q5_1)]
    [InlineData(GgufType.Q2_K)]
    [InlineData(GgufType.Q3_K)]
    [InlineData(GgufType.Q4_K)]
    [InlineData(GgufType.Q5_K)]
    [InlineData(GgufType.Q6_K)]
    public void The_library_has_the_same_block_layouts_as_the_file_reader(GgufType type) =>
        Assert.Equal(GgufLayout.Find(type), NativeTypes.FindLayout(type));

    [Fact]
    public void A_type_without_kernels_has_no_layout() => Assert.Null(NativeTypes.FindLayout(GgufType.IQ4_XS));

    [Fact]
    public void The_scalar_path_is_always_there() => Assert.True(NativeTypes.IsSupported(EngineIsa.Scalar));
}
